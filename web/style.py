"""The one style sheet: that of the HTML report, and what pages of a server have beside."""

from __future__ import annotations

from typing import TYPE_CHECKING

from phasegate.reports.html.style import STYLE
from phasegate.web.cache import Answer

if TYPE_CHECKING:
    from phasegate.web.asked import Asked

BESIDE = """\
nav.site{display:flex;flex-wrap:wrap;gap:.5rem 1.5rem;align-items:center;justify-content:space-between;
border-bottom:2px solid var(--ink);padding-bottom:.4rem;margin-bottom:1rem}
nav.site ul,.pages ul{display:flex;flex-wrap:wrap;gap:.3rem 1rem;list-style:none;padding:0;margin:0}
nav.site [aria-current]{font-weight:600;text-decoration:none}
nav.site a,nav.site button,.filters button,.filters select,.filters input{min-height:1.5rem;
display:inline-block}
input,select,button{font:inherit;color:inherit;background:var(--paper);border:1px solid var(--soft);
border-radius:.2rem;padding:.1rem .4rem;max-width:100%}
.filters{display:flex;flex-wrap:wrap;gap:.5rem 1rem;align-items:end;margin:.8rem 0}
pre{white-space:pre-wrap;overflow-wrap:anywhere;background:var(--shade);padding:.6rem .8rem;margin:.4rem 0}
.past{border-left:.3rem solid var(--open);padding-left:.6rem}
progress{width:min(30rem,100%)}
@media print{nav.site{display:none}}
"""


def style_sheet(_: Asked) -> Answer:
    """The style sheet."""
    return Answer((STYLE + BESIDE).encode(), "text/css; charset=utf-8")
