"""The checks as a dataframely schema."""

import json
import sys

import dataframely as dy
import polars as pl

table, checks = sys.argv[1], json.load(open(sys.argv[2]))
FLOATS = {"price", "discount", "tax", "weight"}
members = {}
made = 0
for name in dict.fromkeys(check["column"] for check in checks if "column" in check):
    own = {check["kind"]: check.get("value") for check in checks if check.get("column") == name}
    made += len(own)
    nullable = "not_null" not in own
    if name in ("id", "quantity"):
        members[name] = dy.Int64(
            nullable=nullable, min=own.get("min"), max=own.get("max"), primary_key="unique" in own
        )
    elif name in FLOATS:
        members[name] = dy.Float64(nullable=nullable, min=own.get("min"), max=own.get("max"))
    elif name == "created_on":
        members[name] = dy.Date(nullable=nullable)
    elif "allowed" in own:
        allowed = own["allowed"]
        members[name] = dy.String(nullable=nullable, check=lambda column, a=allowed: column.is_in(a))
    else:
        members[name] = dy.String(nullable=nullable, regex=f"^{own['pattern']}$")
names = list(members)  # the schema below adds entries of its own
Orders = type("Orders", (dy.Schema,), members)
frame = pl.scan_parquet(table).select(names)
valid = Orders.validate(frame.collect(engine="streaming"))
assert valid.height >= 1
assert made + 1 == 31, made
