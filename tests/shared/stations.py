"""The folders at the top that hold the code."""

STATIONS = (
    "api", "audit", "commands", "engine", "facts", "monitoring", "records", "reports", "rules", "runs",
    "testing", "web",
)  # fmt: skip
