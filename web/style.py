"""The one style sheet: that of the HTML report, and what pages of a server have beside."""

from __future__ import annotations

from typing import TYPE_CHECKING

from phasegate.reports.html.style import STYLE
from phasegate.web.cache import Answer

if TYPE_CHECKING:
    from phasegate.web.asked import Asked

BESIDE = """\
nav.site{display:flex;flex-wrap:wrap;gap:.25rem 1.5rem;align-items:center;justify-content:space-between;
max-width:none;border-bottom:1px solid var(--rule);padding-bottom:.375rem;margin-bottom:.75rem}
nav.site ul,nav.pages ul{justify-content:flex-start}nav.pages{max-width:none;font-size:.8125rem}
nav.site [aria-current]{font-weight:600;text-decoration:none;color:inherit}
nav.site>details{border:0;flex:1 1 auto}nav.site summary{padding:0}nav.pages>details{border:0}
nav.pages{margin:.25rem 0}nav.pages summary{padding:0}
@supports selector(::details-content){@media screen and (min-width:720px){
:is(nav.site,nav.pages)>details>summary{display:none}
:is(nav.site,nav.pages)>details::details-content{content-visibility:visible;block-size:auto}}}
nav.site a,nav.site button,.choose :is(button,select,input),nav.site input{min-height:1.5rem}
nav.site form{display:flex;flex-wrap:wrap;gap:.375rem;align-items:center}
input,select,button{font:inherit;color:inherit;background:var(--paper);border:1px solid var(--mid);
border-radius:3px;padding:.0625rem .375rem;max-width:100%}
button{background:var(--faint);cursor:pointer}
main>h1,.past+h1{font-size:1.375rem;line-height:1.75rem;overflow-wrap:anywhere}
main>p{margin:.25rem 0;max-width:75ch}
.banner{display:flex;flex-wrap:wrap;gap:.25rem 1rem;align-items:center;margin:.5rem 0 .75rem}
.banner .said{flex:1 1 20rem}
.choose{display:flex;flex-wrap:wrap;gap:.375rem 1rem;align-items:end;margin:.75rem 0}
.bullets{list-style:disc;padding-left:1.25rem;margin-bottom:.5rem}
#main>.section{margin-top:1.75rem}#main>.section>h2{border-top-width:1px}
#main>:is(h1,h1+.soft)+.section{margin-top:.5rem}#main>:is(h1,h1+.soft)+.section>h2{border-top:0;
padding-top:0}
pre{white-space:pre-wrap;overflow-wrap:anywhere;background:var(--faint);padding:.375rem .75rem;
margin:.25rem 0 .75rem}
.past{border-left:3px solid var(--open);padding-left:.625rem}
@media screen and (min-width:720px){main .plain tbody th,main .plain td{padding-right:1rem}}
@media screen and (max-width:719px){main>h1,.past+h1{font-size:1.25rem;line-height:1.5rem}
nav.site{gap:.25rem;flex-wrap:nowrap;align-items:start}nav.site form{flex-wrap:nowrap}
nav.site input{width:9rem}nav.site ul{flex-direction:column}
#main>.first{margin-top:.75rem}}
@media print{pre{white-space:pre-wrap}.choose{display:none}}
main .plain td ul{padding-left:1.125rem;margin:0}
main>footer,body>footer{margin-top:2rem;border-top:1px solid var(--mid);padding-top:.5rem;color:var(--soft)}
main .wide .plain tbody th:not(.unbroken){overflow-wrap:anywhere;min-width:9rem}
.more a{display:inline-block;min-height:1.5rem;line-height:1.5rem}
progress{width:min(30rem,100%)}
"""


def style_sheet(_: Asked) -> Answer:
    """The style sheet."""
    return Answer((STYLE + BESIDE).encode(), "text/css; charset=utf-8")
