"""An accounting system without idempotency keys: what is pushed twice is there twice."""

from __future__ import annotations

from typing import NamedTuple

from tallystick.connector import Raw, Ref
from tallystick.testing.simulate.moments import Moments
from tallystick.testing.simulate.wire import Wire


class Document(NamedTuple):
    record: str
    key: str
    raw: Raw


class Accounting:
    """Every document ever created, in order."""

    def __init__(self, moments: Moments) -> None:
        self._moments = moments
        self._wire = Wire(moments, "books")
        self.documents: list[Document] = []

    def whoami(self) -> str:
        return "the accounting system"

    def push(self, record: str, raw: Raw, key: str) -> Ref:
        return self._wire.call(f"create {record} {key}", lambda: self._create(record, raw, key))

    def find(self, record: str, key: str) -> Ref | None:
        return self._wire.call(f"find {record} {key}", lambda: self._find(record, key))

    def _create(self, record: str, raw: Raw, key: str) -> Ref:
        if self._find(record, key) is not None:
            self._moments.breach(f"{record} {key} is in accounting twice")
        self.documents.append(Document(record, key, dict(raw)))
        return Ref(f"{record}-{len(self.documents)}", raw)

    def _find(self, record: str, key: str) -> Ref | None:
        for number, document in enumerate(self.documents, 1):
            if (document.record, document.key) == (record, key):
                return Ref(f"{record}-{number}", document.raw)
        return None
