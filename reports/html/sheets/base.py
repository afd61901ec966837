"""Type, links, chips and the shapes of pictures."""

from __future__ import annotations

BASE = """\
*{box-sizing:border-box}
html{scroll-padding-top:1rem;-webkit-text-size-adjust:100%}
body{margin:0 auto;max-width:79rem;padding:.75rem 2rem 4rem;background:var(--paper);color:var(--ink);
font:400 .875rem/1.43 -apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,"Liberation Sans",
"DejaVu Sans Condensed",system-ui,sans-serif;font-variant-numeric:tabular-nums;hyphens:manual;
overflow-wrap:break-word}
h1,h2,h3,h4,p,ul,ol,dl,dd,table,fieldset{margin:0;padding:0}ul,ol{list-style:none}
a{color:var(--link);text-decoration-thickness:1px;text-underline-offset:2px}a:hover{
text-decoration-thickness:2px}
:focus-visible{outline:3px solid var(--link);outline-offset:2px}
.skip{position:absolute;left:-99rem}.skip:focus{left:1rem;top:.5rem;background:var(--paper);
padding:.25rem .5rem;
z-index:2}
code,pre{font:.8125rem/1.4 ui-monospace,SFMono-Regular,Menlo,Consolas,"Liberation Mono",monospace}
.soft{color:var(--soft)}.unseen{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);
white-space:nowrap}
span.id,span.held{display:inline-block;max-width:100%;overflow-wrap:anywhere}.id{font-weight:600}
b,strong,th{font-weight:600}.id,b,h1,h3>span,.gate>span{unicode-bidi:isolate}.late{color:var(--fail);font-weight:600}
table{border-collapse:collapse;width:100%}th,caption{text-align:left}th,td{vertical-align:top}
.number{text-align:right}
.sign{font-weight:700;display:inline-block;min-width:1em;text-align:center}
.word{font-weight:600;white-space:nowrap}
.fail{color:var(--fail)}.error{color:var(--error)}.open{color:var(--open)}.waived{color:var(--waived)}
.pass{color:var(--pass)}.none{color:var(--soft)}
.chip{display:inline-block;white-space:nowrap;font-size:.75rem;line-height:1.125rem;font-weight:600;
padding:0 .375rem;border-radius:3px;border:1px solid}
.chip.fail{background:var(--fail);color:var(--on-fail);border-color:var(--fail)}.chip.error{
background:var(--error-bg)}.chip.open{background:var(--open-bg)}.chip.waived{background:var(--waived-bg);
border-style:dashed}
.plot{display:block;overflow:visible}
svg.plot .word{font-size:12px;font-weight:400;fill:var(--ink)}svg.plot .word.soft{fill:var(--soft)}
svg.plot .word.big{font-size:15px;font-weight:700}svg.plot .word.now{fill:var(--link);font-weight:600;
stroke:none}
.mark{font-size:12px;font-weight:700}.mark.fail{fill:var(--fail)}.mark.error{fill:var(--error)}
.mark.open{fill:var(--open)}.mark.waived{fill:var(--waived)}.mark.pass{fill:var(--pass)}.mark.none{
fill:var(--soft)}.mark.fail.on{fill:var(--on-fail)}
polyline.line,line.now,.way{stroke:var(--link)}.dot{fill:var(--link)}.begin{fill:var(--paper);
stroke:var(--link)}
line.bound{stroke:var(--soft)}.tick,.rail{stroke:var(--mid)}.aim{stroke:var(--ink)}
rect.band{fill:var(--band)}line.late,line.cap{stroke:var(--fail)}
rect.bar,rect.maybe{fill:var(--mid)}rect.bar.fails{fill:var(--fail)}
.knot.fail{fill:var(--fail);stroke:var(--fail)}.knot.open{fill:var(--open-bg);stroke:var(--open)}
.knot.waived{fill:var(--waived-bg);stroke:var(--waived);stroke-dasharray:2 1.5}.knot.pass{fill:var(--paper);
stroke:var(--pass)}.knot.error{fill:var(--error-bg);stroke:var(--error)}
.part{stroke:var(--paper)}.part.fail{fill:var(--fail)}.part.error{fill:var(--error)}.part.open{
fill:var(--open)}
.part.waived{fill:var(--waived)}.part.pass{fill:var(--pass-bg)}.part.none{fill:var(--band)}
.wide{overflow-x:auto}.paper{display:none}
"""
