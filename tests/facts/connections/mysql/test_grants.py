"""What SHOW GRANTS says of a role, as MariaDB and MySQL write it."""

from __future__ import annotations

import pytest

from phasegate.facts.connections.mysql.grants import power, roles

TO = "TO `ada`@`%`"


@pytest.mark.parametrize(
    ("line", "found"),
    [
        (f"GRANT USAGE ON *.* {TO} IDENTIFIED BY PASSWORD '*A1'", None),
        (f"GRANT USAGE ON *.* {TO} REQUIRE SSL WITH MAX_USER_CONNECTIONS 5", None),
        (f"GRANT SELECT, SHOW VIEW ON `erp`.* {TO}", None),
        (f"GRANT SELECT (`i`, `INSERT`), REFERENCES (`j`) ON `erp`.`t` {TO}", None),
        (f"GRANT SELECT (i, j) ON `erp`.`t` {TO}", None),
        (f"GRANT SELECT ON `GRANT INSERT ON x TO y`.* {TO}", None),
        (f"GRANT SELECT ON `a``b, INSERT`.* {TO}", None),
        (f"GRANT EXECUTE ON FUNCTION `erp`.`f` {TO}", None),
        (f"GRANT SHOW_ROUTINE ON *.* {TO}", None),
        ("GRANT `r` TO `ada`@`%`", None),
        ("GRANT `r`@`%`,`INSERT`@`%` TO `ada`@`%`", None),
        ("SET DEFAULT ROLE `r` FOR `ada`@`%`", None),
        (f"REVOKE INSERT ON `erp`.* {TO.replace('TO', 'FROM')}", None),
        ("GRANT ALL PRIVILEGES ON `test`.* TO PUBLIC", None),
        (r"GRANT ALL PRIVILEGES ON `test\_%`.* TO PUBLIC", None),
        ("GRANT ALL PRIVILEGES ON `tests`.* TO PUBLIC", "ALL PRIVILEGES on `tests`.*"),
        (f"GRANT ALL PRIVILEGES ON `test`.* {TO}", "ALL PRIVILEGES on `test`.*"),
        ("GRANT ALL PRIVILEGES ON `test`.* TO `PUBLIC`@`%`", "ALL PRIVILEGES on `test`.*"),
        (f"GRANT SELECT, INSERT ON `erp`.* {TO}", "INSERT on `erp`.*"),
        (f"GRANT SELECT (`i`), UPDATE (`i`) ON `erp`.`t` {TO}", "UPDATE on `erp`.`t`"),
        (f"GRANT INSERT ON `er%`.* {TO}", "INSERT on `er%`.*"),
        (f"GRANT SELECT, CREATE ROUTINE ON `erp`.* {TO}", "CREATE ROUTINE on `erp`.*"),
        (f"GRANT SYSTEM_USER,XA_RECOVER_ADMIN ON *.* {TO}", "SYSTEM_USER on *.*"),
        (f"GRANT SELECT ON `erp`.* {TO} WITH GRANT OPTION", "GRANT OPTION on `erp`.*"),
        ("GRANT `r` TO `ada`@`%` WITH ADMIN OPTION", "ADMIN OPTION for `r`"),
        ("GRANT PROXY ON ''@'%' TO 'ada'@'%' WITH GRANT OPTION", "PROXY on ''@'%'"),
        ("GRANT EVERYTHING NEW ON *.* TO `ada`@`%`", "EVERYTHING NEW on *.*"),
        ("ALLOW INSERT ON *.*", "ALLOW INSERT"),
        ("", ""),
    ],
)
def test_what_is_not_known_to_be_harmless_may_write(line: str, found: str | None) -> None:
    assert power([f"GRANT USAGE ON *.* {TO}", line]) == found


def test_the_roles_of_a_role_are_told() -> None:
    lines = [
        "GRANT `r`@`%`,`a``,b`@`%` TO `ada`@`%`",
        f"GRANT SELECT ON `x`.* {TO}",
        "GRANT `r`@`%` TO `ada`@`%`",
    ]
    assert roles(lines) == ["`r`@`%`", "`a``,b`@`%`"]
