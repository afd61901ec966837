"""Makes a FOCUS 1.0 export of three clouds, as odd as real ones are.

    python examples/focus_costs/generate.py --as-of 2025-11-20

Missing values are the text NULL; one cloud's credit has no tags, so that its tagged share of the cost comes
out above 100 %; another one's rows are mostly untagged. Same date and seed: same bytes.
"""

from __future__ import annotations

import argparse
import csv
import datetime as dt
import json
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from random import Random

COLUMNS = (
    "AvailabilityZone", "BilledCost", "BillingAccountId", "BillingAccountName", "BillingCurrency",
    "BillingPeriodEnd", "BillingPeriodStart", "ChargeCategory", "ChargeClass", "ChargeDescription",
    "ChargeFrequency", "ChargePeriodEnd", "ChargePeriodStart", "CommitmentDiscountCategory",
    "CommitmentDiscountId", "CommitmentDiscountName", "CommitmentDiscountStatus", "CommitmentDiscountType",
    "ConsumedQuantity", "ConsumedUnit", "ContractedCost", "ContractedUnitPrice", "EffectiveCost",
    "InvoiceIssuerName", "ListCost", "ListUnitPrice", "PricingCategory", "PricingQuantity", "PricingUnit",
    "ProviderName", "PublisherName", "RegionId", "RegionName", "ResourceId", "ResourceName", "ResourceType",
    "ServiceCategory", "ServiceName", "SkuId", "SkuPriceId", "SubAccountId", "SubAccountName", "Tags",
)  # fmt: skip
SERVICES = (("Compute", "Virtual Machines"), ("Storage", "Object Storage"), ("Databases", "Managed SQL"))
PROVIDERS = (("AWS", "Amazon Web Services, Inc."), ("Microsoft", "Microsoft"), ("Oracle", "Oracle"))
Value = str | Decimal | None


def main(arguments: Sequence[str] | None = None) -> None:
    """Reads the command line and writes the file."""
    parser = argparse.ArgumentParser(description="Make a FOCUS 1.0 export as of a date.")
    parser.add_argument("--out", type=Path, default=Path(__file__).parent, help="folder of phasegate.yaml")
    parser.add_argument("--as-of", type=dt.date.fromisoformat, default=dt.datetime.now(dt.UTC).date())
    parser.add_argument("--size", type=int, default=600, help="rows")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args(arguments)
    generate(options.out, options.as_of, options.size, options.seed)


def generate(out: Path, as_of: dt.date, size: int = 600, seed: int = 1) -> None:
    """Writes the export of the last complete month.

    Args:
        out: the project's folder; the file goes to ``data/focus.csv``.
        as_of: the date for which it is made.
        size: how many rows.
        seed: of the random numbers.
    """
    month_end = as_of.replace(day=1) - dt.timedelta(days=1)
    random = Random(seed)
    (out / "data").mkdir(parents=True, exist_ok=True)
    with (out / "data" / "focus.csv").open("w", encoding="utf-8", newline="") as file:
        # Texts in quotes and the rest bare, NULL among the rest: as the clouds write it.
        csv.writer(file, quoting=csv.QUOTE_ALL, lineterminator="\n").writerow(COLUMNS)
        for number in range(size):
            row = _charge(number, month_end, random)
            file.write(",".join(_written(row.get(column)) for column in COLUMNS) + "\n")


def _written(value: Value) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, Decimal):
        return f"{value:.11f}"
    doubled = value.replace('"', '""')
    return f'"{doubled}"'


def _charge(number: int, month_end: dt.date, random: Random) -> dict[str, Value]:
    provider, publisher = PROVIDERS[number % 10 // 4]  # 4, 4 and 2 of 10
    service_category, service = random.choice(SERVICES)
    first = month_end.replace(day=1)
    begins = dt.datetime.combine(first, dt.time()) + dt.timedelta(
        days=random.randrange(month_end.day), hours=random.randrange(24)
    )
    hours = Decimal(random.randint(1, 24))
    list_price = Decimal(random.randint(10_000, 900_000)).scaleb(-6)
    list_cost = hours * list_price
    effective_cost = list_cost * Decimal(random.randint(60, 85)) / 100
    row: dict[str, Value] = {
        "BillingAccountId": f"{provider.lower()}-000017",
        "BillingAccountName": "Example Company",
        "BillingCurrency": "USD",
        "BillingPeriodStart": f"{first} 00:00:00",
        "BillingPeriodEnd": f"{month_end + dt.timedelta(days=1)} 00:00:00",
        "ChargeCategory": "Usage",
        "ChargeDescription": f'{service}, "on demand", per hour',
        "ChargeFrequency": "Usage-Based",
        "ChargePeriodStart": f"{begins}",
        "ChargePeriodEnd": f"{begins + dt.timedelta(hours=1)}",
        "ConsumedQuantity": hours,
        "ConsumedUnit": "Hours",
        "ContractedCost": effective_cost,
        "BilledCost": effective_cost,
        "EffectiveCost": effective_cost,
        "InvoiceIssuerName": publisher,
        "ListCost": list_cost,
        "ListUnitPrice": list_price,
        "PricingCategory": "Standard",
        "PricingQuantity": hours,
        "PricingUnit": "Hours",
        "ProviderName": provider,
        "PublisherName": publisher,
        "RegionId": "region-1",
        "ResourceId": f"res-{random.randrange(10**9):09}",
        "ServiceCategory": service_category,
        "ServiceName": service,
        "SkuId": f"sku-{random.randrange(10**4):04}",
        "SubAccountId": f"acc-{random.randrange(40):03}",
        "SubAccountName": f"Team account {random.randrange(40)}",
        "Tags": _tags(number, provider, random),
    }
    if number % 23 == 0:  # covered by a commitment, all of which is used
        row["PricingCategory"] = "Committed"
        row["CommitmentDiscountCategory"] = "Spend"
        row["CommitmentDiscountId"] = "plan-7"
        row["CommitmentDiscountType"] = "Savings Plan"
        row["CommitmentDiscountStatus"] = "Used"
    if number == 40:  # one large credit, and nobody's
        row |= {"ChargeCategory": "Credit", "ChargeFrequency": "One-Time", "Tags": None}
        row |= dict.fromkeys(("BilledCost", "ContractedCost", "EffectiveCost", "ListCost"), Decimal(-400))
    return row


def _tags(number: int, provider: str, random: Random) -> str | None:
    if provider == "Oracle" and number % 3:
        return None  # most of them are untagged
    owner = {"business_unit" if provider == "AWS" else "owner": f"unit-{random.randrange(9)}"}
    return json.dumps({"environment": random.choice(("dev", "prod")), **owner})


if __name__ == "__main__":
    main()
