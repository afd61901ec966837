"""The checks as a Soda contract on DuckDB, which reads the Parquet file through a view."""

import json
import logging
import sys
import tempfile
from pathlib import Path

import duckdb
from soda_core.contracts import verify_contract_locally
from soda_duckdb import DuckDBDataSource

logging.disable(logging.CRITICAL)
table, checks = sys.argv[1], json.load(open(sys.argv[2]))
columns = []
for name in dict.fromkeys(check["column"] for check in checks if "column" in check):
    own = []
    for check in checks:
        if check.get("column") != name:
            continue
        value = check.get("value")
        match check["kind"]:
            case "not_null":
                own.append({"missing": {}})
            case "unique":
                own.append({"duplicate": {}})
            case "min":
                own.append({"invalid": {"qualifier": "low", "valid_min": value}})
            case "max":
                own.append({"invalid": {"qualifier": "high", "valid_max": value}})
            case "allowed":
                own.append({"invalid": {"valid_values": value}})
            case "pattern":
                own.append({"invalid": {"valid_format": {"name": "form", "regex": f"^{value}$"}}})
    columns.append({"name": name, "checks": own})
contract = {
    "dataset": "duckdb/main/orders",
    "columns": columns,
    "checks": [{"row_count": {"threshold": {"must_be_greater_than_or_equal": 1}}}],
}
cursor = duckdb.connect(":memory:").cursor()
cursor.execute(f"CREATE VIEW orders AS SELECT * FROM read_parquet('{table}')")
with tempfile.TemporaryDirectory() as folder:
    file = Path(folder) / "contract.yml"
    file.write_text(json.dumps(contract))
    source = DuckDBDataSource.from_existing_cursor(cursor, name="duckdb")
    result = verify_contract_locally(data_sources=[source], contract_file_path=str(file))
assert result.is_passed, result.get_errors_str()
done = [check for each in result.contract_verification_results for check in each.check_results]
assert len(done) == 31, len(done)
