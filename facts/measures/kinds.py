"""Which class computes which kind of measure; ``change`` is computed from facts, in `change`."""

from __future__ import annotations

from phasegate.facts.measures.amounts import Mean, Share, Sum
from phasegate.facts.measures.items import Accuracy, Attainment
from phasegate.facts.measures.kind import Kind
from phasegate.facts.measures.newest import Latest
from phasegate.facts.measures.order import Median, Quantile
from phasegate.facts.measures.query import Query
from phasegate.facts.measures.rows import Count, Distinct, Exists, Ratio

KINDS: dict[str, type[Kind]] = {
    "count": Count,
    "ratio": Ratio,
    "share": Share,
    "attainment": Attainment,
    "accuracy": Accuracy,
    "sum": Sum,
    "mean": Mean,
    "median": Median,
    "quantile": Quantile,
    "distinct": Distinct,
    "latest": Latest,
    "exists": Exists,
    "sql": Query,
}
