"""A small programme of which anything may be another one: rules, tables, statements, days.

Each knob is one thing that somebody may turn, and turned back alone it is one thing put back.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import random
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from phasegate.facts.measures.kinds.attested import Given
from phasegate.records.attestations import PresentedAttestation
from phasegate.records.schema import Record
from phasegate.rules.loading.project import load_project
from phasegate.rules.model.attestation import Attestation
from phasegate.runs.attempt import Attempt
from phasegate.runs.collect_statements import project_waivers, unsigned
from phasegate.runs.evaluate import evaluate
from phasegate.runs.preflight import ready_project

World = dict[str, Any]
WORDS = {"title", "items", "note", "order", "place"}
"""Knobs that change no verdict by themselves."""
KNOBS: Mapping[str, tuple[Any, ...]] = {
    "bound": (">= 70 %", ">= 85 %", ">= 95 %"),
    "target": (">= 70 %", ">= 80 %", ">= 92 %"),
    "most_days": ("60 days", "40 days", "90 days"),
    "least": (10, 60, 200),
    "where": ("amount >= :least", "amount >= :least AND customer <> 'C'"),
    "counted": ("status = 'done'", "status <> 'open'"),
    "derive": ("amount * 3", "amount * 1"),
    "allowed": ("[done, open, late]", "[done, open]"),
    "min_rows": (1, 6, 14),
    "max_age": (None, "20 days", "45 days"),
    "enforcement": ("soft", "hard", "advisory"),
    "rated": ("any_of", "both"),
    "after": ("none", '["1"]'),
    "first": ("1.1", "1.2"),
    "most_waivers": (None, 0),
    "asked": (False, True),
    "sliced": (">= 40 %", ">= 75 %"),
    "holiday": ((), ("2026-03-02", "2026-03-03", "2026-03-04", "2026-03-05")),
    "cycle": ("2026-01-05", "2026-03-09"),
    "day": ("2026-03-06", "2026-03-20", "2026-04-20"),
    "open": ((14,), (3, 8), (1, 3, 8), (2, 5, 8, 9, 11, 14)),
    "customers": ("ABC", "AB", "ABCD"),
    "review": ("2026-02-25,high,50", "2026-02-25,low,90", "2026-03-05,low,90", "2026-01-10,low,90"),
    "baseline": ("0.5", "0.95"),
    "waiver": (None, "2026-03-15", "2026-06-01", "2026-03-07"),
    "zone": ("UTC", "America/New_York"),
    "floor": ("60 %", "82 %"),
    "title": ("One", "Two"),
    "items": ("invoices", "bills"),
    "note": ("read as it stands", "read by its sense"),
    "order": (0, 1, 2),
    "place": (".", "kept"),
}
SAID: Mapping[str, tuple[Any, ...]] = {
    "word": ("true", None, "false", "true until 2026-03-15", "true revoked 2026-03-12"),
    "other": (None, "true", "false"),
    "word_age": (None, "30 days", "60 days"),
    "minutes": ("The board agrees.", "The board agrees to nothing."),
    "agreement": ("hard", "advisory"),
}
"""Knobs of what people have signed, in worlds where anybody is asked."""
REQUIREMENT = "1.1/systems/done"
_PACK = """\
pack: world
title: {title}
baseline: {{source: baseline}}
parameters:
  most_days: {{value: {most_days}, text: how old an open invoice may be}}
  least: {{value: {least}, text: smaller amounts do not count}}
areas:
  "1":
    title: Area
    success: {{name: Done, measure: done, bound: "{target}"}}
points:
  "1.1":
    title: First
    area: "1"
    criteria:
      - id: systems
        text: Systems
        note: {note}
        enforcement: {enforcement}
        require:
          done: "{bound}"
          oldest: "<= :most_days"
      - id: rated
        text: Rated
        enforcement: soft
        require:
{rated}
{agreed}  "1.2":
    title: Second
    area: "1"
    criteria:
      - id: value
        text: Value
        enforcement: soft
        require:
          value: ">= 4000"
          late: "<= 3"
      - id: better
        text: Better than before
        enforcement: soft
        require:
          rise: ">= 0 %"
      - id: each
        text: Each customer
        enforcement: soft
        require:
          by_customer: "{sliced}"
{asked}
phases:
  "1": {{title: P1, points: ["{first}"]{most_waivers}}}
  "2": {{title: P2, points: ["{second}"], after: {after}}}
sources:
  invoices:
    title: one invoice
    columns:
      invoice: {{type: string}}
      customer: {{type: string}}
      opened: {{type: date}}
      amount: {{type: integer}}
      status: {{type: string, allowed: {allowed}}}
    derive:
      weighed: {derive}
      waited: {{business_days_since: opened}}
  reviews:
    title: one review
    event: reviewed_on
    columns:
      reviewed_on: {{type: date}}
      rating: {{type: string}}
      score: {{type: integer}}
  baseline:
    title: one figure
    columns:
      measure: {{type: string}}
      slice: {{type: string, nullable: true}}
      value: {{type: decimal}}
      fixed_on: {{type: date}}
      finance_approver: {{type: string}}
      developer_approver: {{type: string}}
measures:
  done:
    title: Invoices that are done
    from: invoices
    where: {where}
    ratio: {{of: "{counted}"}}
    min_rows: {min_rows}
    items: {items}
  oldest:
    title: Age of the oldest open invoice
    from: invoices
    where: status = 'open'
    quantile: {{of: "days_between(opened, :as_of)", at: 100 %}}
    unit: days
  by_customer:
    title: Done by customer
    from: invoices
    by: customer
    ratio: {{of: status = 'done'}}
  value: {{title: Weighed value, from: invoices, sum: weighed}}
  late: {{title: Invoices that wait long, from: invoices, count: waited > 40}}
  rise: {{title: Rise of what is done, change: {{of: done, as: difference}}, unit: "%"}}
  review:
    title: The latest review
    from: reviews
    latest: {{rating: rating, score: score}}
{max_age}{attested}"""
_AGREED = """\
      - id: agreed
        text: Agreed
        enforcement: {agreement}
        require:
          agreed: true
"""
_ATTESTED = """\
  agreed:
    title: The board has agreed
    attested: {by: auditor}
"""
_SIGNERS = """\
signers:
  - name: aud
    roles: [auditor]
    key: ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIL2pOOV4yOKnHGVNF6G5yTA6JVAlh8z1J6Y6HQDXvKV3
  - name: ci
    roles: [evaluator]
    key: ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIDp3LzUUu8Bq8naxbEO4r98OA1jmFG4YVqbx5KXDLAJv
"""
_SIGNED = dt.datetime(2026, 2, 10, 9, tzinfo=dt.UTC)
_RATED = {
    "any_of": """\
          any_of:
            - review.rating: "in [high]"
            - review.score: ">= 60"
""",
    "both": """\
          review.rating: "in [high, low]"
          review.score: ">= 60"
""",
}
_ASKED = """\
      - id: more
        text: More
        require:
          late: "<= 4"
"""
_WAIVER = """\
waivers:
  - id: W-1
    requirement: 1.1/systems/done
    pack_digest: {digest}
    covers: [fail, unknown]
    floor: {floor}
    reason: It is being moved.
    risk_owner: f-1
    requester: d-7
    approver: f-9
    granted: 2026-02-01T00:00:00Z
    start: 2026-02-01T00:00:00Z
    end: {end}T00:00:00Z
"""


def some_world(chance: random.Random, knobs: Mapping[str, tuple[Any, ...]] = KNOBS) -> World:
    """A world, each thing of it drawn; the first choices are drawn more often, so that gates open too."""
    return {
        name: choices[0] if chance.random() < 0.75 else chance.choice(choices)
        for name, choices in knobs.items()
    }


def turned(
    world: World, chance: random.Random, count: int, knobs: Mapping[str, tuple[Any, ...]] = KNOBS
) -> World:
    """The same world with some things turned."""
    names = chance.sample(sorted(knobs), count)
    return {
        **world,
        **{name: chance.choice([each for each in knobs[name] if each != world[name]]) for name in names},
    }


def write_world(folder: Path, world: World) -> Path:
    """Writes the files of a world; a waiver in it is granted under the rules of the world."""
    (folder / "pack").mkdir(exist_ok=True, parents=True)
    most = "" if world["most_waivers"] is None else f", max_waivers: {world['most_waivers']}"
    filled = {
        **world,
        "rated": _RATED[world["rated"]].rstrip("\n"),
        "asked": _ASKED.rstrip("\n") if world["asked"] else "",
        "second": "1.2" if world["first"] == "1.1" else "1.1",
        "most_waivers": most,
        "max_age": "" if world["max_age"] is None else f"    max_age: {world['max_age']}\n",
        "agreed": "",
        "attested": "",
    }
    if "word" in world:
        age = "" if world["word_age"] is None else f"    max_age: {world['word_age']}\n"
        filled |= {"agreed": _AGREED.format(**world), "attested": _ATTESTED + age}
        (folder / "minutes.txt").write_text(world["minutes"], encoding="utf-8")
    (folder / "pack" / "pack.yaml").write_text(_PACK.format(**filled), encoding="utf-8")
    rows = [
        f"F-{n},{world['customers'][n % len(world['customers'])]},2026-0{1 + n % 2}-{n + 9},{n * 20},"
        f"{'open' if n in world['open'] else 'late' if n == 4 else 'done'}"
        for n in range(1, 17)
    ]
    random.Random(world["order"]).shuffle(rows)
    tables = {
        "invoices": ["invoice,customer,opened,amount,status", *rows],
        "reviews": ["reviewed_on,rating,score", "2026-01-02,low,10", world["review"]],
        "baseline": [
            "measure,slice,value,fixed_on,finance_approver,developer_approver",
            f"done,,{world['baseline']},2026-01-01,f-1,d-1",
        ],
    }
    for name, lines in tables.items():
        place = folder / world["place"]
        place.mkdir(exist_ok=True)
        (place / f"{name}.csv").write_text("\n".join([*lines, ""]), encoding="utf-8")
    holidays = ", ".join(world["holiday"])
    project = [
        "phasegate: 1",
        "title: World",
        "pack: pack",
        f"cycle: {{id: c-{world['cycle']}, start: {world['cycle']}}}",
        f"calendar: {{holidays: [{holidays}]}}",
        f"time_zone: {world['zone']}",
        "sources:",
        *(f"  {name}: {{path: {world['place']}/{name}.csv}}" for name in tables),
    ]
    if "word" in world:
        project.append(_SIGNERS.rstrip("\n"))
    file = folder / "phasegate.yaml"
    file.write_text("\n".join([*project, ""]), encoding="utf-8")
    if world["waiver"] is not None:
        digest = load_project(file).pack.digest
        waiver = _WAIVER.format(digest=digest, floor=world["floor"], end=world["waiver"])
        (folder / "waivers.yaml").write_text(waiver, encoding="utf-8")
        file.write_text("\n".join([*project, "waivers: waivers.yaml", ""]), encoding="utf-8")
    return folder


def attested_in(world: World) -> tuple[PresentedAttestation, ...]:
    """What people have signed in a world, each as a run of a day of the past is given it."""
    signed = "sha256:" + hashlib.sha256(SAID["minutes"][0].encode()).hexdigest()
    found = []
    for place, name in enumerate(("word", "other"), 1):
        if world[name] is not None:
            value, _, more = world[name].partition(" ")
            how, _, day = more.partition(" ")
            at = dt.datetime.fromisoformat(f"{day or '2026-12-01'}T00:00:00+00:00")
            attestation = Attestation(
                id=f"A-{place}",
                fact="agreed",
                slice="",
                statement="The board has agreed",
                value=value == "true",
                role="auditor",
                signed=_SIGNED,
                start=_SIGNED,
                end=at if how == "until" else dt.datetime(2026, 6, 1, tzinfo=dt.UTC),
            )
            given = Given(attestation, at if how == "revoked" else None, zone=world["zone"])
            found.append(PresentedAttestation(given, {"minutes.txt": signed}, "aud"))
    return tuple(found)


def decided_world(folder: Path, world: World, day: dt.date) -> Record:
    """What is decided of a world that was written into a folder, on a day."""
    if "word" in world:  # signed by nobody, and given as if it had been
        loaded = ready_project(folder)
        filed = unsigned(project_waivers(loaded), loaded.pack)
        return evaluate(loaded, day, presented=replace(filed, attestations=attested_in(world)))
    moment = dt.datetime.combine(day, dt.time(9), dt.UTC)
    return Attempt(("check",), folder, moment, {}, kept=False).decide(day)[0]


def day_of_world(world: World) -> dt.date:
    """The day that a world decides."""
    return dt.date.fromisoformat(world["day"])
