from __future__ import annotations
import pytest
from erp_database import Erp
def test_it(erp):
    erp.run("CREATE TABLE finance.t (id int8 primary key, amount numeric(12,2), free numeric, day date, at timestamptz, ok boolean, f float8, c char(5), u uuid, j jsonb, geo point, txt text)",
      "INSERT INTO finance.t SELECT i, i+.25, i/4.0, date '2026-01-01'+i, timestamptz '2026-01-01 00:00+02' + i * interval '1 hour', i%2=0, i/3.0, 'x', gen_random_uuid(), '{\"a\": 1}', point(1,2), E'a\\\\N\\n\\tb' || i FROM generate_series(1,10) i")
    r = erp.read(one="finance.t")
    print(r.states["one"])
    print(r.frames["one"].collect())
    assert 0
