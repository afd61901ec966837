"""Which class computes which kind of measure; ``change`` is computed from facts, in `change`."""

from __future__ import annotations

from phasegate.facts.measures.base import Kind
from phasegate.facts.measures.kinds.amounts import Mean, Share, Sum
from phasegate.facts.measures.kinds.counts import Count, Distinct, Exists, Ratio
from phasegate.facts.measures.kinds.items import Accuracy, Attainment
from phasegate.facts.measures.kinds.latest import Latest
from phasegate.facts.measures.kinds.order import Computed, Median, Quantile
from phasegate.facts.measures.kinds.sql import Query

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
    "computed": Computed,
}
