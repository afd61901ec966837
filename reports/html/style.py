"""The look of the page, in one style sheet whose digest the page's own policy names."""

from __future__ import annotations

import base64
import hashlib

STYLE = """\
:root{color-scheme:light dark;--ink:#1b1f24;--paper:#fff;--soft:#57606a;--line:#d0d7de;--shade:#f6f8fa;
--link:#0550ae;--fail:#a40e26;--error:#6639ba;--open:#7d4e00;--waived:#0550ae;--pass:#116329;--none:#57606a;
--fail-bg:#ffebe9;--error-bg:#fbefff;--open-bg:#fff8c5;--waived-bg:#ddf4ff;--pass-bg:#dafbe1;--none-bg:#eff1f3}
@media (prefers-color-scheme:dark){:root{--ink:#e6edf3;--paper:#0d1117;--soft:#9aa4af;--line:#3d444d;
--shade:#161b22;--link:#79c0ff;--fail:#ff9b94;--error:#d2a8ff;--open:#e3b341;--waived:#79c0ff;--pass:#7ee787;
--none:#9aa4af;--fail-bg:#3c1618;--error-bg:#2b1d46;--open-bg:#332701;--waived-bg:#0c2d6b;--pass-bg:#0f2d18;
--none-bg:#21262d}}
*{box-sizing:border-box}
body{margin:0 auto;max-width:76rem;padding:1rem 1.25rem 3rem;color:var(--ink);background:var(--paper);
font:1rem/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Liberation Sans",sans-serif;overflow-wrap:anywhere}
a{color:var(--link)}
:focus-visible{outline:3px solid var(--link);outline-offset:2px}
.skip{position:absolute;left:-99rem}.skip:focus{position:static}
h1{font-size:1.6rem;margin:.2rem 0}
h2{font-size:1.25rem;margin:2.2rem 0 .6rem;border-bottom:1px solid var(--line)}
h3{font-size:1em;margin:0;display:inline}
p{margin:.3rem 0}.soft{color:var(--soft)}code{font:.875em ui-monospace,"Liberation Mono",monospace}
.verdict{font-size:1.3rem;padding:.7rem 1rem;border-radius:.5rem;border-left:.5rem solid;margin:1rem 0}
.sign{font-weight:600;white-space:nowrap}
.fail{color:var(--fail)}.error{color:var(--error)}.stale,.unknown,.undecided,.nothing{color:var(--open)}
.waived,.open_with_waivers{color:var(--waived)}.pass,.open{color:var(--pass)}.not_applicable{color:var(--none)}
.closed{color:var(--fail)}
.verdict.closed,td.fail{background:var(--fail-bg)}.verdict.undecided,.verdict.nothing,td.stale,td.unknown{
background:var(--open-bg)}td.error,.verdict.error{background:var(--error-bg)}
.verdict.open_with_waivers,td.waived{background:var(--waived-bg)}.verdict.open,td.pass{background:var(--pass-bg)}
td.not_applicable{background:var(--none-bg)}
table{border-collapse:collapse;width:100%}caption{text-align:left;color:var(--soft);padding:.2rem 0}
th,td{border:1px solid var(--line);padding:.25rem .5rem;text-align:left;vertical-align:top}
thead th{background:var(--shade)}th.area{background:var(--shade)}td a{color:inherit}
th.day{white-space:nowrap}.number{text-align:right;font-variant-numeric:tabular-nums}
.wide{overflow-x:auto}.wide table{overflow-wrap:break-word}.matrix td{white-space:nowrap}
caption{position:sticky;left:0;max-width:calc(100vw - 1.5rem)}.matrix td.many{white-space:normal}
td code{overflow-wrap:anywhere}
@media screen{.wide:not(:has(.matrix)) td{min-width:6rem}td svg{min-width:8rem}}
.counts,nav ul{display:flex;flex-wrap:wrap;gap:.5rem 1.5rem;list-style:none;padding:0;margin:.5rem 0}
details{border:1px solid var(--line);border-radius:.4rem;margin:.5rem 0;padding:0 .8rem}
details[open]{padding-bottom:.6rem}summary{padding:.5rem 0;cursor:pointer}
.requirement{border-top:1px solid var(--line);padding:.5rem 0 .2rem}.requirement:first-of-type{border-top:0}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.1rem 1rem;margin:.3rem 0}
dt{color:var(--soft)}dd{margin:0}
svg{max-width:100%;vertical-align:middle}.bar{fill:currentColor}.maybe{opacity:.4}
.aim{stroke:var(--ink);stroke-width:2}path.aim{stroke-width:1;stroke-dasharray:2 3}.track{fill:var(--none-bg)}
.trace{stroke-width:2}
footer{margin-top:3rem;border-top:1px solid var(--line);padding-top:.5rem}
@media screen and (max-width:40rem){.matrix{font-size:.9rem}.matrix th,.matrix td{padding:.2rem .3rem}
.wide{background:linear-gradient(90deg,var(--paper) 40%,#0000),
linear-gradient(270deg,var(--paper) 40%,#0000) 100% 0,linear-gradient(90deg,var(--soft),#0000),
linear-gradient(270deg,var(--soft),#0000) 100% 0;background-repeat:no-repeat;
background-size:2.5rem 100%,2.5rem 100%,.8rem 100%,.8rem 100%;background-attachment:local,local,scroll,scroll}
@supports (animation-timeline:scroll()){.wide{display:flex;background:none}.wide table{flex:1 0 100%}
.wide::after{content:"";flex:none;position:sticky;right:0;width:1rem;margin-left:-1rem;
pointer-events:none;opacity:0;background:linear-gradient(270deg,var(--soft),#0000);
animation:more linear;animation-timeline:scroll(x)}
@keyframes more{0%,90%{opacity:.6}to{opacity:0}}}}
@media (max-width:40rem){dl{grid-template-columns:1fr}dt{margin-top:.3rem}body{padding:.5rem .6rem 2rem}}
@page{margin:14mm}
@media print{:root{color-scheme:light;--ink:#000;--soft:#444}
body{max-width:none;padding:0;font-size:8pt;line-height:1.35}
.skip,nav{display:none}a{color:inherit;text-decoration:none}h2{margin:1.2rem 0 .4rem}
h2,summary,caption,th.area{break-after:avoid}
details::details-content{content-visibility:visible;block-size:auto}
summary,tr,.requirement{break-inside:avoid}.requirement{padding:.2rem 0}.wide{overflow:visible}
.wide td,tbody th,.rows th,.matrix th{overflow-wrap:anywhere}.rows{font-size:6.5pt}.matrix{font-size:7pt}
.matrix td{white-space:normal}.matrix:not(:has(th:nth-child(9))) :is(th,td){min-width:8em}
.rows td,.rows th{padding:.1rem .2rem}
dl{display:block}dt,dd{display:inline}
dt::after{content:": "}dd::after{content:" \\00b7  "}dd:last-child::after{content:""}
.verdict,td,th,svg{print-color-adjust:exact;-webkit-print-color-adjust:exact}thead{display:table-header-group}}
"""


def policy() -> str:
    """What the page may do: show itself with its own style, and nothing else."""
    digest = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
    return f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
