"""What changes on narrower screens and on a phone."""

from __future__ import annotations


def stacked(kind: str) -> str:
    """The rules by which the cells of a row stand below each other, each by its name.

    Args:
        kind: the tables for which it is so, by their classes.
    """
    return _STACKED.replace("KIND", kind)


_STACKED = """\
KIND thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
KIND,KIND tbody{display:block}KIND :is(td,th){width:auto!important}KIND td{padding:0}
KIND tbody tr{display:flex;flex-wrap:wrap;gap:.0625rem .875rem;padding:.5rem 0;
border-top:1px solid var(--rule)}KIND :is(td,tbody th){border:0;flex:1 1 100%;min-width:0;padding:0}
KIND :is(td.unbroken,td.number,.held){flex:0 1 auto}KIND .unbroken{white-space:normal}
KIND.figures td:not(.drawn),KIND.asked td:first-child,KIND.findings td:last-child{flex:0 1 auto}
KIND.asked td:nth-child(2){flex:1 1 60%}KIND.findings td.number{display:none}
KIND td.number{text-align:left;padding:0}KIND td:empty{display:none}
KIND td[data-head]::before{content:attr(data-head) " ";color:var(--soft)}
"""
SMALL = (
    """\
@media screen and (max-width:1119px){.first{grid-template-columns:minmax(0,1fr) minmax(0,1fr);
grid-template-rows:none;gap:1rem 2rem}.first>*{grid-area:auto}.cycle,.ends{grid-column:1/3}
.ends{order:1}.answer{grid-template-columns:auto minmax(0,1fr)}.answer>.how-many{grid-column:1/3;
margin-top:.5rem}.halves{grid-template-columns:minmax(0,1fr)}.top{display:block}
nav ul{justify-content:flex-start}nav{max-width:none}}
@media screen and (max-width:719px){body{padding:.75rem 1rem 3rem}.first{
grid-template-columns:minmax(0,1fr)}
.first>*,.answer>.how-many{grid-column:auto}.answer{grid-template-columns:minmax(0,1fr)}.box{
justify-self:start}
.in-short{display:block;font-size:.875rem;line-height:1.25rem;margin-top:.25rem}
.first h2{font-size:1.1875rem}.date{display:none}.scale{height:18px}
.rows li,.quiet,.more,.part-of,.soon,.since{font-size:.875rem;line-height:1.25rem}.gates .quiet{
font-size:.8125rem}
.gate{flex-wrap:wrap;gap:0 .75rem}
.ends>div{grid-template-columns:minmax(0,1fr)}.days td{height:2.5rem;line-height:.9375rem}
.days .day,.days b{font-size:.75rem}.days b{margin-top:1rem}.soon{margin-top:.5rem}
.filter{min-height:2.25rem}
.matrix:not(.one-column) thead{display:block;position:sticky;top:0;background:var(--paper);z-index:1}
.matrix:not(.one-column) thead tr{display:grid;grid-template-columns:repeat(4,minmax(0,1fr));
border-bottom:1px solid var(--mid)}
.matrix:not(.one-column) thead th{border:0;padding:.25rem;font-size:.75rem}
.matrix:not(.one-column) thead :is(th:first-child,th:last-child){position:absolute;clip-path:inset(50%)}
.matrix th:first-child{width:auto}.matrix .area{padding-top:.75rem}
.matrix,.matrix tbody{display:block}.matrix tbody tr{display:grid;
grid-template-columns:repeat(4,minmax(0,1fr));
padding:.125rem 0;border-bottom:1px solid var(--rule)}.matrix tbody tr>*{border:0}
.matrix tbody .area{grid-column:1/5}.matrix tbody th[scope=row]{grid-column:1/4;padding:.125rem 0}
.matrix td.gated{grid-column:4;grid-row:1;text-align:right;padding:.125rem 0}
.matrix td.many{grid-column:1/5;padding:.125rem 0}
.matrix td{margin:0 2px 2px 0}.matrix td a{padding:.3125rem .25rem;font-size:.75rem}
"""
    + stacked(".stacked")
    + """\
.story{padding-left:0}.told div{grid-template-columns:minmax(0,1fr);gap:0}
.rows-of{min-width:32rem}.wide{background:linear-gradient(90deg,var(--paper) 40%,#0000),
linear-gradient(270deg,var(--paper) 40%,#0000) 100% 0,linear-gradient(90deg,var(--soft),#0000),
linear-gradient(270deg,var(--soft),#0000) 100% 0;background-repeat:no-repeat;
background-size:2.5rem 100%,2.5rem 100%,.8rem 100%,.8rem 100%;
background-attachment:local,local,scroll,scroll}
.to-sign .blank{display:none}
@supports (animation-timeline:scroll()){.wide{display:flex;background:none}.wide table{flex:1 0 100%}
.wide::after{content:"";flex:none;position:sticky;right:0;width:1rem;margin-left:-1rem;pointer-events:none;
opacity:0;background:linear-gradient(270deg,var(--soft),#0000);animation:more linear;
animation-timeline:scroll(x)}@keyframes more{0%,90%{opacity:.6}to{opacity:0}}}}
@media (forced-colors:active){.chip,.box,.matrix td,.days td{forced-color-adjust:none}}
"""
)
