"""The sections below: matrix, filters, findings, stories, targets, signatures and provenance."""

from __future__ import annotations

PARTS = """\
.section{margin-top:3rem}.section>h2{font-size:1.375rem;line-height:1.75rem;border-top:2px solid;
padding-top:.5rem}
.section>h3,summary h3{font-size:1.0625rem;line-height:1.5rem}.section>h3{margin-top:1rem}
.lede{color:var(--soft);margin:0 0 .75rem;max-width:96ch}
.filters{display:none;flex-wrap:wrap;gap:.5rem 2rem;margin-bottom:.75rem}
@supports selector(:has(*)){.filters{display:flex}}
.story,summary h3,.lede,.plain td,.plain th,.matrix th{overflow-wrap:anywhere}fieldset{border:0;
display:flex;flex-wrap:wrap;gap:.25rem;align-items:center;min-width:0}
legend{float:left;min-width:4rem;color:var(--soft)}
.filter{position:relative;max-width:100%;overflow-wrap:anywhere;display:inline-flex;align-items:center;
min-height:1.75rem;padding:0 .625rem;gap:.375rem;
border:1px solid var(--mid);border-radius:1rem;cursor:pointer;font-size:.8125rem}
.filter input{position:absolute;opacity:0;inset:0;width:100%;height:100%;margin:0;cursor:pointer}
.filter:has(:checked){background:var(--ink);color:var(--paper);border-color:var(--ink)}
.filter:has(:focus-visible){outline:3px solid var(--link);outline-offset:2px}
.nothing-left{display:none;padding:1rem;background:var(--faint)}
.matrix thead th{font-size:.8125rem;color:var(--soft);font-weight:400;padding:.25rem .5rem;
border-bottom:1px solid var(--mid)}
.matrix .area{padding:1rem .5rem .25rem 0;border-bottom:1px solid var(--mid)}.matrix .area .soft{
font-weight:400}
.matrix tbody tr>*{border-bottom:1px solid var(--rule)}
.matrix tbody th[scope=row]{font-weight:400;padding:.25rem .5rem .25rem 0}
.matrix td{padding:0;font-size:.8125rem}.matrix td.gated{padding:.25rem .5rem;color:var(--soft)}
.matrix td a{display:inline-block;padding:.25rem .5rem;color:inherit;text-decoration:none;font-weight:600}
.matrix td a:hover{text-decoration:underline}.matrix td.pass a{font-weight:400}
.matrix td.pass .w{color:var(--soft)}
.matrix td.fail{background:var(--fail);color:var(--on-fail)}
.matrix td.error{background:var(--error-bg);box-shadow:inset 0 0 0 1.5px var(--error)}
.matrix td.open{background:var(--open-bg)}
.matrix td.waived{background:var(--waived-bg);outline:1px dashed var(--waived);outline-offset:-2px}
.matrix td.many{padding:.25rem .5rem;color:inherit;background:none;outline:0;box-shadow:none}
.matrix td.many a{padding:0;white-space:nowrap}
.plain th,.plain td{padding:.375rem .75rem .375rem 0}.plain td,.plain tbody th{
border-top:1px solid var(--rule)}
.plain thead th{font-size:.8125rem;font-weight:400;color:var(--soft);vertical-align:bottom}
.plain thead th,.matrix thead th{overflow-wrap:break-word}
.plain tbody th{font-weight:400}.plain .number{padding-right:1.5rem}
.matrix,.findings,.figures,.asked,.brief,.to-sign{table-layout:fixed}.matrix th:first-child{width:38%}
.findings th:nth-child(1){width:8rem}.findings th:nth-child(2){width:28%}.findings th:nth-child(3){
width:5.5rem}
.findings th:nth-child(5){width:24%}.brief th:first-child{width:32%}.asked th:first-child{width:6.5rem}
.asked th:nth-child(2){width:40%}.to-sign th:first-child{width:30%}.to-sign th:nth-child(2){width:16%}

.findings .id{display:inline-block;line-height:1.5rem}.findings .quiet,.brief .quiet{display:block}
details{border-top:1px solid var(--mid)}summary{padding:.5rem 0;cursor:pointer;display:flex;flex-wrap:wrap;
gap:.125rem .75rem;align-items:baseline}summary::before{content:"\\25b8";color:var(--soft);width:.75rem}
[open]>summary::before{content:"\\25be"}summary::-webkit-details-marker{display:none}
summary h3{font-weight:400;flex:1 1 20rem;min-width:0}summary .chip{min-width:6.25rem;text-align:center}
.story{scroll-margin-top:4rem;padding:0 0 1.25rem 1.5rem}
.story:target{box-shadow:-4px 0 var(--link)}tr:target th,li:target{background:var(--open-bg)}
.halves{display:grid;grid-template-columns:minmax(0,7fr) minmax(0,4fr);gap:0 3rem}
.halves>*{min-width:0}.story p{max-width:75ch}
h4{font-size:.8125rem;line-height:1.125rem;margin:1rem 0 .25rem}.halves h4:first-child{margin-top:.25rem}
.story .plot{margin-right:.5rem;width:calc(100% - .5rem)}
.asked{margin-top:.5rem}.asked td,.asked th{padding:.25rem .75rem .25rem 0}
.rows-of td,.rows-of th{font-size:.8125rem;padding:.1875rem .75rem .1875rem 0}
.told{margin:.5rem 0}.told div{display:grid;grid-template-columns:8rem minmax(0,1fr);gap:.75rem;
padding:.1875rem 0;
border-top:1px solid var(--rule)}.told dt{color:var(--soft)}.told code,.sources code{overflow-wrap:anywhere}
.told dd,.story td,.plain td{overflow-wrap:break-word;min-width:0}
.plain .unbroken{white-space:nowrap}
.measured{border-top:1px solid var(--rule)}.measured>summary{padding:.1875rem 0;color:var(--soft)}
.measured>.told{margin-top:0}.fold>summary h3{font-size:.875rem}
.requirement{margin-top:.75rem}.asks{font-weight:600}
.figures .group th{padding-top:1rem;font-weight:600}.group .soft{font-weight:400}.figures th:first-child{
width:29%}.figures th:nth-child(2){width:20%}.figures th:nth-child(3){width:16%}
.figures th:nth-child(4){width:12%}
.figures th:nth-child(5){width:9%}.figures th:nth-child(6){width:14%}.figures .drawn{vertical-align:middle;
padding-right:2rem}
.to-sign .line td{height:2.25rem;vertical-align:bottom}
.to-sign td.blank{border-bottom:1px solid var(--mid);border-top:0;border-left:.75rem solid var(--paper)}
.sources td,.sources th{font-size:.8125rem;padding:.1875rem .75rem .1875rem 0}
.sources ul ul{padding-left:1rem}
"""
