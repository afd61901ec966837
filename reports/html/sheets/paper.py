"""The print edition: always light, without filters and folds, at the size of the sheet."""

from __future__ import annotations

from phasegate.reports.html.sheets.small import stacked

PAPER = (
    """\
@page{size:A4;margin:10mm 12mm 11mm}
@media print{.plain thead th{overflow-wrap:anywhere}.plain .unbroken{white-space:normal}
:root{color-scheme:light}html{font-size:12.5px}
body{max-width:none;padding:0;-webkit-print-color-adjust:exact;print-color-adjust:exact}
.paper{display:inline}a{color:inherit;text-decoration:none}nav,.filters,.skip,.nothing-left,.off-paper{
display:none!important}
.top{margin-bottom:.5rem;padding-bottom:.25rem}.answer{margin-bottom:.5rem;
grid-template-columns:auto minmax(0,1fr) minmax(0,40%)}
.first{grid-template-columns:minmax(0,1fr) minmax(0,1fr);grid-template-rows:none;gap:.5rem 1.5rem}
.first>*{grid-area:auto}.cycle{grid-column:1/3}.ends>div{grid-template-columns:minmax(0,1fr)}
.takes,.changes,.ways,.ends,.gates li{break-inside:avoid}
svg.plot .word,.mark{font-size:10px}svg.plot .word.big{font-size:13px}
.days .day{font-size:.75rem}
.section{margin-top:1rem}.section>h2{font-size:1.25rem;line-height:1.5rem;padding-top:.25rem}
h2,h3,h4,summary,caption,.area,.lede,.group{break-after:avoid}.lede{margin-bottom:.375rem}
details::details-content{content-visibility:visible;block-size:auto}summary::before,.measured>summary,.fold>summary{display:none}
thead{display:table-header-group}tr,.to-sign{break-inside:avoid}.asks{break-after:avoid}
.matrix td a,.matrix tbody th[scope=row],.matrix td.gated{padding-top:.0625rem;padding-bottom:.0625rem}
.matrix .area{padding-top:.5rem;padding-bottom:.125rem}
.plain th,.plain td{padding:.1875rem .5rem .1875rem 0}
summary{padding:.25rem 0 0}.story{padding:0 0 .375rem}.halves{
grid-template-columns:minmax(0,3fr) minmax(0,1fr);
gap:0 1.25rem}h4{margin:.25rem 0 .0625rem}
.story .plot{width:calc(100% - 3rem)}.told{margin:.125rem 0;font-size:.75rem;line-height:1.35}.told div{
display:inline;border:0}
.told dt,.told dd{display:inline}.told dt::after{content:" "}.told dd::after{content:" \\00b7  ";
color:var(--soft)}.told code{font-size:.75rem}
.rows-of td,.rows-of th,.sources td,.sources th,.sources code,.note,.note code{font-size:.75rem;
line-height:1.3;
padding-top:.0625rem;padding-bottom:.0625rem}
.figures :is(td,th){padding-top:.125rem;padding-bottom:.125rem}.figures .group th{padding-top:.5rem}
.figures .quiet{display:none}.figures .drawn{padding-right:1rem}.halves .asked th:first-child{width:5rem}
.wide{overflow:visible}.wide td,.wide th{overflow-wrap:anywhere}.to-sign .line td{height:1.625rem}
.asked td,.asked th{padding:.125rem .5rem .125rem 0}
"""
    + stacked(".broad")
    + "}\n"
)
