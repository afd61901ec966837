"""What each kind of store of objects gives: the interface on which objects are listed and read.

A store is a module of its own, named as its row in `rules.model.connection`, with a `STORE`. Everything
else, which objects are meant, limits, tries and keeping included, is done with what it gives.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass

from phasegate.facts.sources.files import SourceError
from phasegate.rules.model.connection import Connection


class RefusedError(SourceError):
    """Who asks lacks the right to what was asked for."""


@dataclass(frozen=True, slots=True)
class Listed:
    """An object as it was listed, or read before.

    Attributes:
        key: its key in the bucket.
        size: its bytes; None where nobody has told yet.
        tag: by which the store tells what it holds now from what it held before; empty where nobody has told.
        version: which of its versions it is; empty where that is not known, or its bucket keeps none.
    """

    key: str
    size: int | None = None
    tag: str = ""
    version: str = ""


@dataclass(frozen=True, slots=True)
class Coming:
    """An object on its way.

    Attributes:
        found: which it is.
        pieces: its bytes. What ends before its end, or is not what the store has a checksum of, raises.
    """

    found: Listed
    pieces: Iterator[bytes]


class OpenStore(ABC):
    """A store that is reached by a connection."""

    @abstractmethod
    def listed(self, bucket: str, begins: str, flat: bool) -> Iterator[Listed]:
        """The objects of a bucket whose keys begin so, in the order of their keys.

        Args:
            bucket: its name.
            begins: with what their keys begin.
            flat: whether of those whose keys go on with a slash behind that the folder is enough, as a key
                that ends with a slash.

        Raises:
            SourceError: if not all of them can be told.
        """

    @abstractmethod
    def coming(self, bucket: str, wanted: Listed) -> AbstractContextManager[Coming]:
        """An object, read from its beginning.

        Args:
            bucket: its bucket.
            wanted: which; where it has a tag only what has it still, else where it has a version that one.

        Raises:
            SourceError: if it can not be read, or is another one by now.
        """


class Store(ABC):
    """A kind of store."""

    @abstractmethod
    def opened(self, name: str, connection: Connection, environ: Mapping[str, str]) -> OpenStore:
        """A store.

        Args:
            name: of the connection, by which messages name it.
            connection: what the project says of it.
            environ: the environment, whose variables say where it is, and who asks.

        Raises:
            SourceError: if they do not.
        """
