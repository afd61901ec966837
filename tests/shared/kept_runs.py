"""A small project with something of everything, and runs of it that are kept."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path

from phasegate.audit.trail.runs import Kept
from phasegate.records.schema import Record
from phasegate.rules.loading.pack import load_pack
from phasegate.rules.loading.project import load_project
from phasegate.runs.attempt import Attempt

DAYS = (dt.date(2026, 3, 1), dt.date(2026, 3, 2), dt.date(2026, 3, 3))
PACK = """\
pack: harbour
title: Harbour
parameters:
  most_days: {value: 10 days, text: how old an open invoice may be}
areas:
  "1":
    title: Berths
    success: {name: Reconciled, measure: invoices.reconciled, bound: ">= 85.125 %"}
points:
  "1.1":
    title: Berth planning
    area: "1"
    criteria:
      - id: systems
        text: Berth systems activated
        enforcement: soft
        require:
          invoices.reconciled: ">= 95 %"
          invoices.age: "<= :most_days"
      - id: review
        text: Either the review is signed, or it is good
        require:
          any_of:
            - review.signed: true
            - review.rating: "in [low, medium]"
              review.score: "between 40 and 100"
  "1.2":
    title: Crane planning
    area: "1"
    criteria:
      - id: customers
        text: Each customer is reconciled
        enforcement: advisory
        require:
          invoices.by_customer: ">= 50 %"
      - id: cranes
        text: Crane systems activated
        enforcement: soft
        require:
          invoices.reconciled: ">= success"
phases:
  "1": {title: Berths, points: ["1.1"], max_waivers: 3}
  "2": {title: Cranes, points: ["1.2"], after: ["1"]}
sources:
  invoices:
    title: one invoice
    columns:
      invoice: {type: string}
      customer: {type: string}
      opened: {type: date}
      status: {type: string}
  reviews:
    title: one review
    event: reviewed_on
    columns:
      review: {type: string}
      reviewed_on: {type: date}
      rating: {type: string}
      score: {type: integer}
      signed: {type: boolean}
measures:
  invoices.reconciled:
    title: Invoices that were reconciled
    from: invoices
    ratio: {of: status = 'reconciled'}
    items: invoices
  invoices.by_customer:
    title: Invoices that were reconciled, by customer
    from: invoices
    by: customer
    ratio: {of: status = 'reconciled'}
  invoices.age:
    title: Age of the oldest invoice
    from: invoices
    quantile: {of: "days_between(opened, :as_of)", at: 100 %}
    unit: days
  review:
    title: The latest review
    from: reviews
    latest: {rating: rating, score: score, signed: signed}
    max_age: 31 days
"""
WAIVERS = """\
waivers:
  - id: W-1
    requirement: 1.1/systems/invoices.reconciled
    pack_digest: {digest}
    covers: [fail]
    floor: 85 %
    reason: The ledger of the berths is being moved.
    risk_owner: f-101
    requester: d-7
    approver: f-9
    granted: 2026-02-01T00:00:00Z
    start: 2026-02-01T00:00:00Z
    end: 2026-04-01T00:00:00Z
  - id: W-2
    requirement: 1.2/cranes/invoices.reconciled
    pack_digest: {digest}
    covers: [fail, stale]
    floor: 60 %
    reason: It was needed once.
    risk_owner: f-101
    requester: d-7
    approver: f-9
    granted: 2026-01-01T00:00:00Z
    start: 2026-01-01T00:00:00Z
    end: 2026-02-01T00:00:00Z
"""
PROJECT = """\
phasegate: 1
title: The harbour
pack: pack
cycle: {{id: c-1, start: 2026-01-05}}
sources:
  invoices: {{path: invoices.csv}}
  reviews: {{path: reviews.csv}}
parameters: {{most_days: 60 days}}
harden: {{1.2/cranes: hard}}
{more}"""
CUSTOMERS = ("Ωmega", "Käse & Söhne", "\u4f60\u597d")


def write_project(
    folder: Path,
    *,
    waived: bool = False,
    open_invoices: Sequence[int] = (7, 16),
    pack: str = "",
    id_: str | None = None,
) -> Path:
    """Writes the project's files; some invoices are open, and the rest of 20 are reconciled."""
    (folder / "pack").mkdir(exist_ok=True)
    (folder / "pack" / "pack.yaml").write_text(pack or PACK, encoding="utf-8")
    rows = [
        f"F-{number},{CUSTOMERS[number % 3]},2026-01-{number + 9},"
        f"{'open' if number in open_invoices else 'reconciled'}"
        for number in range(1, 21)
    ]
    text = "\n".join(["invoice,customer,opened,status", *rows, ""])
    (folder / "invoices.csv").write_text(text, encoding="utf-8")
    reviews = ["R-1,2026-01-20,high,40,true", "R-2,2026-02-20,low,95,false"]
    text = "\n".join(["review,reviewed_on,rating,score,signed", *reviews, ""])
    (folder / "reviews.csv").write_text(text, encoding="utf-8")
    file = folder / "phasegate.yaml"
    named = f"id: {id_}\n" if id_ else ""
    file.write_text(PROJECT.format(more=named), encoding="utf-8")
    if waived:
        digest = load_project(file).pack.digest
        (folder / "waivers.yaml").write_text(WAIVERS.format(digest=digest), encoding="utf-8")
        file.write_text(PROJECT.format(more=f"{named}waivers: waivers.yaml\n"), encoding="utf-8")
    return folder


def keep(
    folder: Path,
    day: dt.date,
    *,
    ids: Sequence[str] = (),
    gate: str | None = None,
    now: dt.datetime | None = None,
) -> tuple[Record, Kept]:
    """Decides the project and keeps the run."""
    moment = now or dt.datetime.combine(day, dt.time(9), dt.UTC)
    record, kept = Attempt(("check",), folder, moment, {}).decide(day, ids=ids, gate=gate)
    assert kept is not None
    return record, kept


def other_pack(folder: Path, bound: str = ">= 92.5 %") -> Path:
    """The same rules with another success target."""
    (folder / "other").mkdir(exist_ok=True)
    text = PACK.replace(">= 85.125 %", bound)
    (folder / "other" / "pack.yaml").write_text(text, encoding="utf-8")
    load_pack(folder / "other")
    return folder / "other"
