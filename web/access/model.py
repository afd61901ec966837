"""Who may look at served pages, as a file says it under ``access``."""

from __future__ import annotations

import ipaddress
import re
from typing import Annotated, Literal, get_args
from urllib.parse import SplitResult, urlsplit

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from phasegate.rules.model.base import Model, QuantityText, UnfitError
from phasegate.rules.values.units import Quantity
from phasegate.web.access.viewer import ALL, Grant

_LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})
_HOST = re.compile(r"(?!-)[A-Za-z0-9-]{1,63}(\.(?!-)[A-Za-z0-9-]{1,63})*|\[[0-9A-Fa-f:.]+\]")
_SHORTEST, _LONGEST = 60, 3600
"""Seconds for which a sign-in may hold before roles are read again."""


def _split(address: str, what: str, hint: str) -> SplitResult:
    """An address that is encrypted, or leads nowhere but to this machine."""
    try:
        parts = urlsplit(address)
        whole = bool(parts.hostname) and parts.port != 0
    except ValueError:
        raise UnfitError("bad-address", f"{what} is not an address", hint) from None
    if not whole or parts.scheme not in ("http", "https") or not address.isascii() or "\\" in address:
        raise UnfitError("bad-address", f"{what} is not an address", hint)
    if parts.username is not None or parts.password is not None:
        raise UnfitError(
            "bad-address", f"{what} has a name or a password in it", "remove what stands before @"
        )
    if parts.query or parts.fragment:
        raise UnfitError("bad-address", f"{what} has a query", "remove what follows ? or #")
    if parts.scheme == "http" and parts.hostname not in _LOOPBACK_NAMES:
        raise UnfitError("bad-address", f"{what} is not encrypted", "write it with https://")
    return parts


def _url(text: str) -> str:
    parts = _split(text, "the address of the pages", "write it as https://phasegate.example.org")
    if parts.path not in ("", "/"):
        raise UnfitError("bad-address", "the pages have a host of their own", f"remove {parts.path!r}")
    return f"{parts.scheme}://{parts.netloc.lower()}"


def _issuer(text: str) -> str:
    _split(text, "the issuer", "write it as the provider does, such as https://id.example.org/realms/finance")
    return text


def _host(text: str) -> str:
    if not _HOST.fullmatch(text):
        raise UnfitError("bad-address", f"{text!r} is not the name of a host", "write it without a port")
    return text.lower()


def _network(text: str) -> str:
    try:
        network = ipaddress.ip_network(text)
    except ValueError:
        hint = "write it as 10.0.0.5, or as 10.0.0.0/24 for a whole network"
        raise UnfitError("bad-address", f"{text!r} is no address of a proxy", hint) from None
    if not network.prefixlen:
        raise UnfitError("bad-address", f"{text!r} is every address", "name those of your proxies alone")
    return text


def _session(text: str) -> str:
    found = Quantity.parse(text).within("seconds")
    if found is None or not _SHORTEST <= found.value <= _LONGEST or found.value.denominator != 1:
        hint = "write a time of 1 minute to 60 minutes: for so long a role that was taken away still counts"
        raise UnfitError("bad-quantity", f"{text!r} is not how long a sign-in may hold", hint)
    return text


HeaderName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9-]{0,79}$")]
Network = Annotated[str, StringConstraints(max_length=80), AfterValidator(_network)]
One = Annotated[str, StringConstraints(min_length=1, max_length=300, pattern=r"^\S(.*\S)?$")]
"""A person or a group, letter by letter as whoever signs them in calls them."""
Claim = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_:/.\-]{0,199}$")]
IdOrAll = Annotated[str, StringConstraints(pattern=r"^(\*|[A-Za-z0-9][A-Za-z0-9_.\-]*)$", max_length=120)]
"""The id of a project or an area, or ``*`` for all."""
Algorithm = Literal[
    "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "Ed25519"
]
"""How a token may be signed: with a key of which only the provider has the secret half."""


class Who(Model):
    """Whom a role is given to.

    Attributes:
        groups: names of groups, as whoever signs people in writes them.
        people: names of people, likewise; ``F-101`` and ``f-101`` are two.
    """

    groups: tuple[One, ...] = ()
    people: tuple[One, ...] = ()

    @model_validator(mode="after")
    def _is_somebody(self) -> Who:
        if not self.groups and not self.people:
            hint = "name groups or people"
            raise UnfitError("missing-key", "this role is nobody's", hint, lacking=("groups", "people"))
        return self


class Role(Model):
    """What some people may see.

    Attributes:
        who: whom it is given to.
        projects: the ids of projects, or ``["*"]`` for all.
        areas: the ids of their areas, or ``["*"]`` for all, and for what all of them make together.
        evidence: whether that includes rows behind verdicts and personal columns.
    """

    who: Who
    projects: Annotated[tuple[IdOrAll, ...], Field(min_length=1)]
    areas: Annotated[tuple[IdOrAll, ...], Field(min_length=1)]
    evidence: bool = False

    @property
    def grant(self) -> Grant:
        """What it lets its holders see."""
        return Grant(frozenset(self.projects), frozenset(self.areas), self.evidence)


class Header(Model):
    """A reverse proxy has signed the viewer in, and says who it is.

    Attributes:
        user: the header with the person's name.
        groups: the header with the groups; None if it sends none.
        separator: what stands between two groups.
        secret: the header with the secret that proxy and phasegate share; the secret itself comes from the
            environment.
    """

    user: HeaderName
    groups: HeaderName | None = None
    separator: Annotated[str, StringConstraints(min_length=1, max_length=1)] = ","
    secret: HeaderName = "X-Phasegate-Proxy-Secret"  # noqa: S105 - its name

    @model_validator(mode="after")
    def _are_different(self) -> Header:
        names = [name.lower() for name in (self.user, self.groups, self.secret) if name]
        if len(set(names)) < len(names):
            raise UnfitError("bad-name", "one header can not say two things", "name a header for each")
        return self


class OpenId(Model):
    """People sign in with a provider of OpenID Connect.

    Attributes:
        issuer: the provider's address, exactly as it calls itself.
        client: the name under which phasegate is registered with it.
        public: True if the provider gave no secret; else it comes from the environment.
        person: the claim that names a person: ``sub``, or ``email`` of providers that have verified it.
        groups: the claim that lists the person's groups.
        scopes: what else is asked for, beside ``openid``.
        algorithms: how id tokens may be signed, where not in each of these ways.
        session: for how long a sign-in holds before the provider is asked again.
    """

    issuer: Annotated[str, AfterValidator(_issuer)]
    client: One
    public: bool = False
    person: Literal["sub", "email"] = "sub"
    groups: Claim = "groups"
    scopes: tuple[Annotated[str, StringConstraints(pattern=r"^[!#-\[\]-~]{1,100}$")], ...] = ()
    algorithms: Annotated[tuple[Algorithm, ...], Field(min_length=1)] = get_args(Algorithm)
    session: Annotated[QuantityText, AfterValidator(_session)] = "15 minutes"

    @property
    def seconds(self) -> int:
        """For how long a sign-in holds."""
        found = Quantity.parse(self.session).within("seconds")
        assert found is not None
        return int(found.value)


class Local(Model):
    """Whoever is on this machine, where nobody signs in.

    Attributes:
        evidence: whether they see rows behind verdicts and personal columns: another account of this machine
            reaches the page as well.
    """

    evidence: bool = False


class Rate(Model):
    """How much one viewer may ask.

    Attributes:
        per_minute: requests a minute, in the long run.
        burst: requests at once.
    """

    per_minute: Annotated[int, Field(ge=1, le=100_000)] = 300
    burst: Annotated[int, Field(ge=1, le=100_000)] = 100


class Access(Model):
    """Who may look at served pages.

    Attributes:
        url: where browsers find the pages; needed wherever somebody signs in.
        hosts: other names by which the pages may be asked for.
        proxies: the addresses of reverse proxies: what others say of whom they pass on is refused.
        header: a proxy signs people in.
        openid: people sign in with a provider.
        roles: who may see what; whoever has none sees nothing.
        local: what is shown where nobody signs in, which is on this machine alone.
        log: the file in which looks at evidence and failed sign-ins are written down; without one they go
            where errors are told.
        rate: how much one viewer may ask.
    """

    url: Annotated[str, AfterValidator(_url)] | None = None
    hosts: tuple[Annotated[str, AfterValidator(_host)], ...] = ()
    proxies: tuple[Network, ...] = ()
    header: Header | None = None
    openid: OpenId | None = None
    roles: tuple[Role, ...] = ()
    local: Local | None = None
    log: Annotated[str, StringConstraints(min_length=1, max_length=1000)] | None = None
    rate: Rate = Rate()

    @model_validator(mode="after")
    def _is_one_way_in(self) -> Access:
        if self.header is not None and self.openid is not None:
            hint = "keep one of them"
            raise UnfitError("bad-access", "'header' and 'openid' are two ways to sign in", hint)
        if self.signs_in and self.url is None:
            hint = "write url: https://..., as browsers have it"
            raise UnfitError("missing-key", "where somebody signs in 'url' is needed", hint, lacking=("url",))
        if self.signs_in and self.local is not None:
            hint = "remove it, and give roles"
            raise UnfitError("bad-access", "'local' is for where nobody signs in", hint)
        if not self.signs_in and (self.roles or self.proxies):
            key = "roles" if self.roles else "proxies"
            hint = "write 'header' or 'openid', which tell who somebody is"
            raise UnfitError(
                "bad-access",
                f"{key!r} mean nothing where nobody signs in",
                hint,
                lacking=("header", "openid"),
            )
        return self

    @property
    def signs_in(self) -> bool:
        """Whether it is known who somebody is."""
        return self.header is not None or self.openid is not None

    @property
    def encrypted(self) -> bool:
        """Whether browsers reach the pages by https."""
        return self.url is not None and self.url.startswith("https://")

    @property
    def names(self) -> frozenset[str]:
        """The hosts by which the pages may be asked for; on this machine its own names too."""
        own = {urlsplit(self.url).netloc.rpartition("@")[2]} if self.url else set()
        return frozenset({without_port(name) for name in own} | set(self.hosts))

    def grants(self, person: str, groups: frozenset[str]) -> tuple[Grant, ...]:
        """What somebody's roles let them see; nothing for who has none."""
        return tuple(
            role.grant for role in self.roles if person in role.who.people or groups & {*role.who.groups}
        )

    def local_grants(self) -> tuple[Grant, ...]:
        """What is shown where nobody signs in."""
        evidence = self.local is not None and self.local.evidence
        return (Grant(frozenset({ALL}), frozenset({ALL}), evidence),)


def without_port(host: str) -> str:
    """The name of a host, such as ``[::1]`` of ``[::1]:8000``, in small letters."""
    return re.sub(r":\d*$", "", host).lower()
