"""Two service desks that keep what they are told, as connectors of one plugin."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from tallystick.connector import Connector, Context, Cursor, Pulled, Raw, Ref, Whole
from tallystick.errors import Retry
from tallystick.hookspecs import hookimpl
from tallystick.plugins import Plugins


class DeskSettings(BaseModel):
    folder: str


class Desk:
    """Records by kind and id in one JSON file; every push is counted. `lose` loses one answer."""

    def __init__(self, settings: DeskSettings, context: Context) -> None:
        self.path = context.root / f"{settings.folder}.json"

    @property
    def data(self) -> dict[str, Any]:
        if not self.path.exists():
            return {"pushes": 0, "keys": {}, "lose": 0}
        return dict(json.loads(self.path.read_text()))

    def save(self, data: dict[str, Any]) -> None:
        self.path.write_text(json.dumps(data))

    def tell(self, kind: str, ref: str, **values: Any) -> None:
        data = self.data
        data.setdefault(kind, {}).setdefault(ref, {"id": ref}).update(values)
        self.save(data)

    def whoami(self) -> str:
        return "desk"

    def pull(self, record: str, since: str | None) -> Iterator[Pulled | Cursor | Whole]:
        for ref, raw in self.data.get(record, {}).items():
            yield Pulled(raw, f"{record} {ref}")
        yield Whole()

    def push(self, record: str, raw: Raw, key: str) -> Ref:
        data = self.data
        data["pushes"] += 1
        ref = str(raw.get("id") or f"new-{len(data.get(record, {})) + 1}")
        mine = data.setdefault(record, {}).setdefault(ref, {"id": ref})
        mine.update(raw)
        data["keys"][key] = ref
        lost, data["lose"] = data["lose"] > 0, max(0, data["lose"] - 1)
        self.save(data)
        if lost:
            raise Retry("The desk did not answer.", do="Ask again.")
        return Ref(ref, mine)

    def find(self, record: str, key: str) -> Ref | None:
        ref = self.data["keys"].get(key)
        return Ref(ref, self.data[record][ref]) if ref else None


class Desks:
    @hookimpl
    def tallystick_connectors(self) -> Iterable[Connector[Any]]:
        yield Connector(
            name="desk",
            shelf="psa",
            settings=DeskSettings,
            open=Desk,
            reads=frozenset({"client", "asset"}),
            writes=frozenset({"client", "asset"}),
            mappings=None,
            tier="bronze",
        )


def plugins() -> Plugins:
    found = Plugins([])
    found.register(Desks(), "desks")
    return found


def desk(root: Path, name: str) -> Desk:
    return Desk(DeskSettings(folder=name), Context(name, root, lambda: None))  # type: ignore[arg-type,return-value]  # a desk asks no clock
