"""Where tables are that are in databases and stores: what each kind of these is called, and a connection.

What reads a database stands in `facts.connections`, and what reads a store of objects in
`facts.connections.objects`, each in a module of the same name; a test holds the two together. An address is
never written down here: it stands in a variable of the environment.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Annotated, Literal, NamedTuple

from pydantic import AfterValidator, Field, model_validator

from phasegate.rules.model.base import Model, UnfitError
from phasegate.rules.values.ledger_address import has_password
from phasegate.rules.values.object_path import has_keys
from phasegate.rules.values.units import Quantity

DatabaseName = Literal["mysql", "postgres", "spark_connect"]
StoreName = Literal["s3"]
Tls = Literal["verify-full", "verify-ca", "require", "off"]
VARIABLE = "env:"
LONGEST = 24 * 3_600
"""Seconds that a database may take at most for a table, and a store for an object."""
_VARIABLE_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_SECRET_SETTINGS = ("password=", "token=")
_OPEN_KEYS = frozenset({"tls", "timeout", "privileged"})


class DatabaseKind(NamedTuple):
    """What is known of a kind of database, or of store, without asking one.

    Attributes:
        title: what people call it.
        extra: the extra of phasegate that brings what reaches it.
        example: how its addresses look; of a store, the ends of the variables that say how it is reached.
        computes: whether tables may stay there, and it computes what is asked of them.
    """

    title: str
    extra: str
    example: str
    computes: bool = False


DATABASES: dict[DatabaseName, DatabaseKind] = {
    "mysql": DatabaseKind("MySQL or MariaDB", "mysql", "mysql://USER:PASSWORD@HOST:PORT/DATABASE"),
    "postgres": DatabaseKind(
        "PostgreSQL", "postgres", "postgresql://USER:PASSWORD@HOST:PORT/DATABASE", computes=True
    ),
    "spark_connect": DatabaseKind("Spark", "spark", "sc://HOST:PORT/;token=TOKEN", computes=True),
}
STORES: dict[StoreName, DatabaseKind] = {
    "s3": DatabaseKind("S3", "s3", "ACCESS_KEY_ID, SECRET_ACCESS_KEY, SESSION_TOKEN, REGION, ENDPOINT_URL"),
}
_STORE_TLS = ("verify-full", "off")


def _variable(text: str) -> str:
    if _is_variable(text):
        return text
    # Of what is written nothing is said again: any part of it may be a password.
    what = "the address of a database carries a password, and does not belong here"
    raise UnfitError("secret-address", what, "write env:NAME, and put the address into that variable")


def _timeout(text: str) -> str:
    seconds = Quantity.parse(text).within("seconds")
    if seconds is None or not 1 <= seconds.value <= LONGEST:
        what = f"{text!r} is not how long a database may take"
        raise UnfitError("bad-quantity", what, "write a time of up to 24 hours, such as 10 minutes")
    return text


Address = Annotated[
    str,
    Field(max_length=1000, json_schema_extra={"pattern": "^env:[A-Za-z_][A-Za-z0-9_]*$"}),
    AfterValidator(_variable),
]
"""``env:`` and the name of the variable that holds the address."""


class Connection(Model):
    """How a database, or a store of objects, is reached.

    Attributes:
        mysql: ``env:NAME``: the variable that holds the URL of a MySQL or MariaDB server.
        postgres: ``env:NAME``: the variable that holds the URL of a PostgreSQL database.
        s3: ``env:NAME``: how the variables begin that say how S3, or a store that speaks as it does, is
            reached; ``env:AWS`` where they are AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and the like.
        spark_connect: ``env:NAME``: the variable that holds the address of a Spark Connect server.
        tls: what is asked of the server: ``verify-full`` (its certificate is valid, and its name is that
            of the address), ``verify-ca`` (valid, whatever its name), ``require`` (encrypted, whoever it
            is), ``off``.
        timeout: how long it may take for one table, or one object.
        privileged: True where the role may write, or is a superuser; it is refused otherwise.
    """

    mysql: Address | None = None
    postgres: Address | None = None
    s3: Address | None = None
    spark_connect: Address | None = None
    tls: Tls = "verify-full"
    timeout: Annotated[str, AfterValidator(_timeout)] = "10 minutes"
    privileged: bool = False

    @model_validator(mode="after")
    def _is_one(self) -> Connection:
        kinds = (*DATABASES, *STORES)
        given = [name for name in kinds if getattr(self, name) is not None]
        if len(given) != 1:
            what = "a connection leads to one database" if given else "a connection needs a database"
            hint = "write the kind of database and where its address stands, as in postgres: env:ERP_URL"
            raise UnfitError("missing-key", what, hint, lacking=kinds)
        if self.store is not None and (self.tls not in _STORE_TLS or self.privileged):
            what = (
                "'privileged' is about databases"
                if self.privileged
                else f"{STORES[self.store].title} has no tls {self.tls!r}"
            )
            hint = "remove it" if self.privileged else f"write {' or '.join(_STORE_TLS)}"
            raise UnfitError("bad-table", what, hint)
        return self

    @property
    def database(self) -> DatabaseName:
        """The kind of database."""
        return next(name for name in DATABASES if getattr(self, name) is not None)

    @property
    def store(self) -> StoreName | None:
        """The kind of store; None where it leads to a database."""
        return next((name for name in STORES if getattr(self, name) is not None), None)

    @property
    def variable(self) -> str:
        """The variable of the environment that holds its address, or how several of them begin."""
        return str(getattr(self, self.store or self.database)).removeprefix(VARIABLE)

    @property
    def seconds(self) -> float:
        """How long it may take for one table."""
        found = Quantity.parse(self.timeout).within("seconds")
        assert found is not None
        return float(found.value)


def written_secrets(written: object, *, inside: bool = False) -> Iterator[str]:
    """What may be a secret and stands where none belongs, in whatever was written.

    Args:
        written: what a project file has, or a part of it.
        inside: whether that is a part of ``connections``, in which any text but a few may be one.
    """
    if isinstance(written, str):
        secret = has_password(written) or has_keys(written) or _has_secret(written)
        if secret or (inside and not _is_variable(written)):
            yield written
    elif isinstance(written, dict):
        for key, part in written.items():
            if not (inside and key in _OPEN_KEYS):
                yield from written_secrets(part, inside=inside or key == "connections")
    elif isinstance(written, list):
        for part in written:
            yield from written_secrets(part, inside=inside)


def _has_secret(text: str) -> bool:
    """Whether a URL may say who asks for it, whatever it is of: a user and a password, or a setting."""
    _, is_url, rest = text.partition("://")
    said = ":" in rest.rpartition("@")[0] or any(setting in rest.lower() for setting in _SECRET_SETTINGS)
    return bool(is_url) and said


def _is_variable(text: str) -> bool:
    return text.startswith(VARIABLE) and _VARIABLE_NAME.fullmatch(text.removeprefix(VARIABLE)) is not None
