"""The first screen: three questions and what stands beside them, in three columns."""

from __future__ import annotations

FIRST = """\
.top{display:grid;grid-template-columns:minmax(0,1fr) auto;gap:0 2rem;align-items:baseline;
border-bottom:2px solid;padding-bottom:.5rem;margin-bottom:.75rem}
h1{grid-column:1/3}.top nav{grid-area:2/2/3/3;align-self:end;font-size:.8125rem}
h1{font-size:1.0625rem;line-height:1.5rem}.top p{color:var(--soft);grid-area:auto/1}.top h1+nav+p{
grid-area:2/1}.top p.strong{color:inherit}
nav ul{display:flex;flex-wrap:wrap;gap:0 .75rem;justify-content:flex-end}nav{max-width:48rem}
nav a{display:inline-block;white-space:nowrap;padding:0;line-height:1.5rem}
h2{font-size:1.0625rem;line-height:1.5rem}
.alarm{border:2px solid;padding:.5rem .75rem;margin-bottom:.75rem}
.answer{display:grid;grid-template-columns:auto minmax(0,1fr) minmax(20rem,44%);gap:0 1rem;
align-items:center;
margin-bottom:.75rem}
.box{font-size:1.625rem;line-height:2.75rem;font-weight:700;padding:0 .875rem;border-radius:4px;
white-space:nowrap;
border:2px solid}
.box.fail{background:var(--fail);color:var(--on-fail);border-color:var(--fail)}.box.open{
background:var(--open-bg)}
.box.waived{background:var(--waived-bg);border-style:dashed}.box.error{background:var(--error-bg)}
.said{font-size:1.0625rem;line-height:1.375rem}.because{font-size:.8125rem;color:var(--soft)}
.in-short{display:none}
.counts{display:flex;flex-wrap:wrap;gap:.125rem .625rem;margin-top:.375rem;font-size:.8125rem}
.counts li{white-space:nowrap}
.first{display:grid;grid-template-columns:minmax(0,1.42fr) minmax(0,1fr) minmax(0,1fr);
grid-template-rows:auto 1fr auto;gap:0 2.25rem}
.cycle{grid-area:1/1/2/2}.changes{grid-area:1/2/3/3}.takes{grid-area:1/3/3/4}.ways{grid-area:2/1/4/2}
.ends{grid-area:3/2/4/4}
@media screen and (min-width:1120px){.two{grid-template-columns:minmax(0,1fr) minmax(0,1fr)}
.two .changes{grid-area:1/1/3/2}.two .takes{grid-area:1/2/3/3}.two .ends{grid-area:3/1/4/3}}
.since{color:var(--soft);font-size:.8125rem;line-height:1.1875rem}
.part-of h3{font-size:inherit;line-height:inherit;display:inline}.part-of .soft{font-weight:400}.part-of{
font-size:.8125rem;line-height:1.125rem;margin-top:.375rem;padding-top:.25rem;
border-top:1px solid var(--rule)}
.rows li{display:grid;grid-template-columns:1rem minmax(0,1fr);gap:.375rem;padding:.125rem 0;
font-size:.8125rem;
line-height:1.0625rem;overflow-wrap:anywhere}
.rows code{font-size:.75rem}.more{font-size:.8125rem;padding-left:1.375rem}
.quiet{font-size:.8125rem;line-height:1.125rem;color:var(--soft)}
.gates li{padding-top:.125rem}
.gate{display:flex;justify-content:space-between;gap:.75rem;align-items:baseline;line-height:1.125rem}
.gate .chip{line-height:1rem;flex:none}.gate>span{min-width:0;overflow-wrap:anywhere}.gates .quiet{
line-height:.9375rem;font-size:.75rem}
.ways h2{margin-top:.625rem;line-height:1.25rem}.ways table{table-layout:fixed}
.ways th{font-size:.75rem;line-height:.9375rem;padding:.125rem .25rem .125rem 0;vertical-align:bottom}
.ways th:first-child{width:34%}.ways th span{display:block;font-weight:400;color:var(--soft)}
.ways tbody>tr>*{border-top:1px solid var(--rule);vertical-align:top}
.ways tbody th{font-weight:400;font-size:.8125rem;line-height:1rem;padding:.125rem .5rem .0625rem 0}
.ways td{padding:.0625rem .75rem 0 0;font-size:.75rem;line-height:.9375rem}
.ways td a{color:inherit}.key{font-size:.75rem;line-height:1rem;color:var(--soft);margin-top:.125rem}
.key svg{display:inline-block;vertical-align:-3px;margin:0 .25rem 0 .5rem}.key svg:first-child{
margin-left:0}
.ends>div{display:grid;grid-template-columns:minmax(0,1fr) minmax(0,1fr);gap:0 2.25rem}
.days{table-layout:fixed}.days th{font-size:.75rem;line-height:1rem;color:var(--soft);font-weight:400;
padding-left:.1875rem}.days abbr{text-decoration:none}
.days td{height:1.5625rem;border:1px solid var(--rule);padding:1px .1875rem 0;font-size:.75rem;
line-height:.75rem}
.days .day{color:var(--soft);font-size:.6875rem;white-space:nowrap}
.days b{float:right;margin-top:.6875rem}.days td.today{border:2px solid var(--link);padding:0 2px}
.days .now,.days td .late{display:block;font-weight:600;white-space:nowrap;letter-spacing:-.02em}
.days .now{color:var(--link)}
.days .ends{background:var(--band)}.days .shuts{background:var(--open-bg);
box-shadow:inset 0 -3px var(--open)}
.days .shuts b{color:var(--open)}
.patch{display:inline-block;width:.875rem;height:.6875rem;border:1px solid var(--rule);
margin:0 .25rem -1px .75rem}
.patch.shuts{background:var(--open-bg);box-shadow:inset 0 -3px var(--open)}.patch.ends{
background:var(--band)}
.soon{font-size:.8125rem;line-height:1.125rem}.soon li{margin-bottom:.25rem}
"""
