"""An example of each key that people write, put together from those of its leaves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_EXAMPLES: Mapping[str, Any] = {
    "Accuracy.over": "forecast",
    "Area.title": "Quays",
    "Attested.value": "number",
    "Calendar.weekend": ["sat", "sun"],
    "Column.text": "what is owed, without tax",
    "Contract.derive": {"due_on": {"business_days_after": "ended_on", "days": 5}},
    "Criterion.enforcement": "soft",
    "Notification.title": "$project: $outcome",
    "Parameter.text": "Business days after the end of a month within which its books close",
    "Project.calendar": {"holidays": ["2026-12-25"]},
    "PortfolioFile.max_age": "7 days",
    "PortfolioFile.projects": [{"path": "../harbour"}],
    "PortfolioFile.rollup": {"at_least": 3},
    "PortfolioFile.title": "The ports",
    "PortfolioProject.ledger": "env:HARBOUR_LEDGER",
    "PortfolioProject.name": "Harbour",
    "PortfolioProject.path": "../harbour",
    "PortfolioProject.project": "harbour.3f0c96d1",
    "PortfolioProject.weight": 3,
    "Project.schedules": {"weekdays": {"cron": "0 6 * * mon-fri"}},
    "Pack.programme": {"title": "Harbour integration"},
    "Rates.date": "valid_from",
    "Schedule.at": "06:00",
    "SourceFile.control": {"rows": 1200},
    "SourceFile.contract": {"title": "one invoice", "columns": {"amount": {"type": "decimal"}}},
    "Target.enforcement": "hard",
    "Attested.by": "auditor",
    "Change.of": "invoices.late",
    "Contract.key": ["invoice"],
    "Contract.title": "one invoice",
    "Convert.columns": ["amount"],
    "Convert.rates": "exchange_rates",
    "Criterion.id": "validation",
    "CycleStart.id": "2026-1",
    "Elsewhere.from": "plans",
    "Measure.by": "point",
    "Measure.from": "invoices",
    "Measure.title": "Invoices that were reconciled",
    "Parameter.value": "30 days",
    "Phase.weeks": [1, 4],
    "Notification.to": "env:BOARD_CHANNEL",
    "Phase.title": "Foundation",
    "Point.title": "Berth planning",
    "Programme.points": ["4.1.1"],
    "Quantile.of": "days_open",
    "RollUp.at_least": 3,
    "RollUp.weighted": "80 %",
    "Rates.columns": ["amount"],
    "Rates.currency": "currency",
    "Rates.to": "to_currency",
    "Signer.end": "2027-01-01T00:00:00Z",
    "Signer.key": "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI...",
    "Signer.name": "ada",
    "Signer.revoked": "2026-06-30T12:00:00Z",
    "Signer.roles": ["approver:finance"],
    "Slices.of": "teams",
    "Slices.as": "name",
    "SourceFile.columns": ["invoice", "amount"],
    "SourceFile.version": 12,
    "Target.name": "Invoices reconciled",
    "actual": "amount_paid",
    "after": ["1"],
    "allowed": ["open", "reconciled"],
    "approver": "grace",
    "area": "1",
    "areas": ["1"],
    "as": "fall",
    "at": "95 %",
    "belongs_to": {"customers": {"customer": "customer"}},
    "bound": ">= 95 %",
    "business_days_after": "ended_on",
    "business_days_since": "opened_on",
    "column": "team",
    "control_file": "data/control-totals.yaml",
    "count": "severity = 'high'",
    "cron": "0 6 * * mon-fri",
    "currency": "currency",
    "currency_sign": "€",
    "cycle_file": "data/cycle.yaml",
    "date": "2026-01-31",
    "date_format": "%d.%m.%Y",
    "datetime_format": "%d.%m.%Y %H:%M",
    "days": 5,
    "decide": ["1.1.1"],
    "digest": "sha256:7c14cfdbed08454a373a629799da89d4eed94c95adef4f635f4deb52c10f9163",
    "distinct": "customer",
    "do": {"stale": "Validate again.", "passed": "Validate again, and pass."},
    "event": "paid_on",
    "exists": "minuted_on IS NOT NULL",
    "expected": "amount_planned",
    "false_values": ["no"],
    "floor": "90 %",
    "flow": ["Finance plans", "Delivery plans"],
    "forecast": "amount_planned",
    "frameworks": ["Budget framework"],
    "from": "erp",
    "function": "finance",
    "gate": "2",
    "grain": "cost_centre",
    "granted": "2026-02-01",
    "harden": {"1.1.1/protocols": "hard"},
    "header_row": 3,
    "holds": ["sample <= population"],
    "holidays": ["2026-12-25"],
    "id": "harbour.3f0c96d1",
    "items": "invoices",
    "latest": {"passed": "passed", "sufficient": "sample >= 25"},
    "level": "Level 4",
    "max": "100",
    "max_age": "31 days",
    "max_waivers": 2,
    "mean": "days_open",
    "measure": "invoices.reconciled",
    "median": "days_open",
    "min": "0",
    "must": "be reconciled",
    "mysql": "env:ERP_URL",
    "no_value": ["n/a", "tbd"],
    "note": "A line counts once, whatever its amount.",
    "null_values": ["", "NULL"],
    "of": "status = 'reconciled'",
    "over": "status <> 'cancelled'",
    "owner": "Finance",
    "owners": {"1": "Finance", "invoices": "the team of the ERP"},
    "pack": "developer_finance",
    "pack_digest": "sha256:7c14cfdbed08454a373a629799da89d4eed94c95adef4f635f4deb52c10f9163",
    "parameters": {"close_days": 5},
    "path": "data/invoices.csv",
    "pattern": "F-[0-9]+",
    "period_end": "month_end",
    "point": "point",
    "points": ["1.1.1", "1.1.2"],
    "postgres": "env:ERP_URL",
    "quote": "'",
    "rate": "rate",
    "rates": "exchange_rates",
    "reason": "The supplier's portal is closed until March",
    "records": "data.issues",
    "recorded": "recorded_on",
    "rename": {"Betrag": "amount"},
    "requester": "ada",
    "require": {"invoices.reconciled": ">= 95 %"},
    "requirement": "1.1.1/protocols/invoices.reconciled",
    "review_cycle": "every quarter",
    "revoked": "2026-03-01",
    "risk_owner": "Grace Hopper",
    "roles": ["approver:finance"],
    "rows": 1200,
    "s3": "env:LAKE",
    "section": "1.1",
    "sections": {"1.1": "Planning"},
    "separator": ";",
    "sheet": "Invoices",
    "source": "baseline",
    "sources": ["invoices", "plans"],
    "spark_connect": "env:SPARK_URL",
    "sql": "SELECT COUNT(*) FROM invoices",
    "start": "2026-01-05",
    "stop_at": "Total",
    "sum": "amount",
    "sums": {"amount": "10250.75"},
    "table": "finance.invoices",
    "text": "Invoices are reconciled within the month",
    "thousands": ".",
    "time_zone": "Europe/Berlin",
    "title": "Harbour integration",
    "to": "EUR",
    "true_values": ["yes"],
    "unit": "%",
    "updated": "updated_on",
    "valid": ["0 %", "100 %"],
    "value": "amount",
    "version": "2",
    "waivers": "waivers.yaml",
    "weeks": 8,
    "where": "status <> 'cancelled'",
    "Waiver.end": "2026-06-30",
    "Waiver.id": "W-1",
}
"""By key, or by part and key where it takes something else there, or is more than its needed parts."""
_NAMES: Mapping[str, str] = {
    "areas": "1",
    "columns": "amount",
    "connections": "erp",
    "measures": "invoices.reconciled",
    "notifications": "board",
    "parameters": "close_days",
    "phases": "1",
    "points": "1.1.1",
    "schedules": "weekdays",
    "sources": "invoices",
    "targets": "insured",
}
_TEXTS: Mapping[str | None, str] = {
    "date": "2026-03-01",
    "^sha256:[0-9a-f]{64}$": "sha256:7c14cfdbed08454a373a629799da89d4eed94c95adef4f635f4deb52c10f9163",
    "^-?[0-9]+$": "18",
    r"^-?[0-9]+(\.[0-9]*[1-9])?$": "0.95",
}
"""Of texts whose form is said."""
_DEEPEST = 6


def with_examples(schema: dict[str, Any], top: str, table: Mapping[str, Any] = _EXAMPLES) -> None:
    """Puts an example beside each key of a schema.

    Args:
        schema: with its descriptions.
        top: what the part is called that the whole file is.
        table: examples by key, or by part and key.
    """
    examples = _Examples({top: schema, **schema.get("$defs", {})}, table)
    for name, part in examples.parts.items():
        for key, about in part.get("properties", {}).items():
            about["examples"] = [examples.of_key(name, key, about, _DEEPEST)]


@dataclass(frozen=True, slots=True)
class _Examples:
    """Puts examples together.

    Attributes:
        parts: the parts of a schema by name.
        table: examples by key, or by part and key.
    """

    parts: Mapping[str, Any]
    table: Mapping[str, Any]

    def of_key(self, name: str, key: str, about: Mapping[str, Any], deep: int) -> Any:
        """An example of what a key of a part takes."""
        if f"{name}.{key}" in self.table:
            return self.table[f"{name}.{key}"]
        if key in self.table and not _composed(about) and _fits(self.table[key], about):
            return self.table[key]
        return self.of(about, deep, key)

    def of(self, about: Mapping[str, Any], deep: int, key: str = "") -> Any:
        """An example of what a schema takes."""
        if "$ref" in about:
            return self.of_part(about["$ref"].rpartition("/")[2], deep - 1)
        if "const" in about:
            return about["const"]
        if "enum" in about:
            return about["enum"][0]
        for several in ("anyOf", "oneOf"):
            if several in about and "properties" not in about:
                first = next(each for each in about[several] if each.get("type") != "null")
                return self.of(first, deep, key)
        match about.get("type"):
            case "boolean":
                return not about.get("default", False)
            case "integer":
                return about.get("default") or self.table.get(key, 1)
            case "array":
                return [self.of(about["items"], deep, key)] if deep > 0 else []
            case "object":
                several = about.get("patternProperties", {}).values()
                inner = next(iter(several), about.get("additionalProperties"))
                if isinstance(inner, Mapping) and deep > 0:
                    return {_NAMES.get(key, "name"): self.of(inner, deep, key)}
                return {}
        return self._text(about, key)

    def _text(self, about: Mapping[str, Any], key: str) -> Any:
        for sign, example in _TEXTS.items():
            if sign in (about.get("format"), about.get("pattern")):
                return example
        found = about.get("default") or self.table.get(key, key)
        return found if isinstance(found, str) else key

    def of_part(self, name: str, deep: int) -> Any:
        """A part with the keys that it needs, and one of those of which it needs one."""
        part = self.parts[name]
        if "properties" not in part:
            return self.table.get(name.lower(), self.of(part, deep)) if deep > 0 else {}
        one = next((each["required"] for each in part.get("oneOf", ())), ())
        needed = dict.fromkeys([*part.get("required", ()), *one])
        return {key: self.of_key(name, key, part["properties"][key], deep) for key in needed}


def _composed(about: Mapping[str, Any]) -> bool:
    """Whether a key takes a part, or several, that have keys of their own."""
    if "$ref" in about:
        return True
    if "anyOf" in about:
        return any(map(_composed, about["anyOf"]))
    several = *about.get("patternProperties", {}).values(), about.get("items")
    inner = (*several, about.get("additionalProperties"))
    return any(isinstance(each, Mapping) and _composed(each) for each in inner)


def _fits(example: Any, about: Mapping[str, Any]) -> bool:
    """Whether an example is of a type that a schema takes, as far as its outside shows."""
    if "anyOf" in about:
        return any(_fits(example, each) for each in about["anyOf"])
    if "enum" in about:
        return example in about["enum"]
    if about.get("pattern") in _TEXTS or about.get("format") in _TEXTS:
        return False
    kinds = about.get("type", [])
    names = {bool: "boolean", int: "integer", str: "string", list: "array", dict: "object"}
    return not kinds or names[type(example)] in ([kinds] if isinstance(kinds, str) else kinds)
