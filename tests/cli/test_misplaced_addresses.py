"""An address of a database that stands in the project file is shown by nothing, wherever it stands there."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from phasegate import cli

ADDRESSES = (
    "mysql://ada:canary@host/books",
    "mariadb://ada:canary@host/books",
    "postgresql://ada:canary@host/books",
    "postgresql://ada@host/books?password=canary",
    "sc://host:15002/;use_ssl=true;token=canary",
    "s3://canary:canary@bucket/key",
    "https://ada:canary@store.example",
)
PLACES = (
    'ledger: "{}"',
    'ledgr: "{}"',
    'pack: "{}"',
    'connections: {{erp: "{}"}}',
    'connections: {{erp: {{postgres: "{}"}}}}',
    'connections: {{erp: {{mysq: "{}"}}}}',
    'sources: {{t: {{path: "{}"}}}}',
    'sources: {{t: {{path: t.csv, form: "{}"}}}}',
    'sources: {{t: {{from: "{}", table: a.b}}}}',
)


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("address", ADDRESSES)
def test_an_address_at_a_wrong_place_is_not_shown(
    address: str, place: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("phasegate.yaml").write_text(f"phasegate: 1\nid: p-3b9e52d7a04c6f18\n{place.format(address)}\n")
    for command in ("lint", "sources", "facts"):
        result = CliRunner().invoke(cli.main, [command])
        assert result.exit_code == 2, result.output
        assert "canary" not in result.output
