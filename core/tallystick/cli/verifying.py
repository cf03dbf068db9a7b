"""`verify`, `books anchor`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from tallystick.cli.options import COMMON, Common
from tallystick.cli.wording import counted

if TYPE_CHECKING:
    from tallystick.books.chain import Head


def verify(
    *,
    anchor: Annotated[Path | None, Parameter(metavar="FILE")] = None,
    common: Common = COMMON,
) -> int:
    """Check that the journal is what was recorded.

    Every entry carries a hash over itself and the one before it: a change, a deletion, an
    insertion or another order is found and named.

    Parameters
    ----------
    anchor
        What `books anchor` wrote once: finds a journal that was cut short or written anew.
    """
    from tallystick.views.verify import verify as read_chains

    known = _read(anchor) if anchor else None
    screen = common.screen
    with common.installation() as installation, screen.step("compare with hashes") as more:
        found = read_chains(installation.database, known, more)

    def shown() -> None:
        for chain, faults in found.faults.items():
            for fault in faults:
                screen.line(f"{chain} {fault.id}: {fault.what}.", "red")
        journal = found.heads["journal"]
        if found.holds:
            agreed = f", and what {anchor} says" if anchor else ""
            entries = counted(journal.length, "entry", "entries")
            screen.line(f"{entries} as recorded{agreed}. The last hash is {journal.hash}.")

    screen.result(found, shown)
    return 0 if found.holds else 1


def anchor(
    file: Annotated[Path | None, Parameter(help="Where to write it; shown if left out.")] = None,
    /,
    *,
    common: Common = COMMON,
) -> None:
    """Show or write where the journal ends now.

    Keep it where nobody who may write the database may write: `verify --anchor FILE` compares.
    """
    import json

    from tallystick.cli.documents import plain
    from tallystick.views.verify import heads

    screen = common.screen
    with common.installation() as installation:
        found = heads(installation.database)
    if file is not None:
        file.write_text(json.dumps(plain(found), indent=2) + "\n", encoding="utf-8")
    screen.result(
        found,
        lambda: screen.table(
            "The books end here",
            ("chain", "rows", "hash of the last"),
            [(name, head.length, head.hash) for name, head in found.items()],
        ),
    )


def _read(file: Path) -> dict[str, Head]:
    import msgspec

    from tallystick.errors import Stop

    try:
        raw = msgspec.json.decode(file.read_bytes(), type=dict[str, dict[str, int | str]])
        return {name: _head(one) for name, one in raw.items()}
    except (OSError, msgspec.MsgspecError, KeyError, ValueError):
        raise Stop(
            f"{file} is not an anchor that can be read.",
            do="Give the file that `tallystick books anchor FILE` wrote.",
        ) from None


def _head(raw: dict[str, int | str]) -> Head:
    from tallystick.books.chain import Head

    return Head(int(raw["length"]), str(raw["hash"]))
