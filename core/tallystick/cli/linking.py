"""`links`: which records of different connections are the same, and who or what says so."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Annotated, Any, Literal

from cyclopts import Parameter

from tallystick.cli.options import ACTING, COMMON, Acting, Common
from tallystick.cli.wording import counted

if TYPE_CHECKING:
    from tallystick.cli.screen import Screen

Copy = Annotated[str, Parameter(help="The copy, as connection:id.")]
Home = Annotated[str, Parameter(help="The record at home, as connection:id.")]
LinkKind = Literal["client", "asset"]


def show(kind: LinkKind | None = None, *, common: Common = COMMON) -> None:
    """Show how records were joined, and which pairs wait for somebody's decision.

    With a kind every link is listed with its rule.
    """
    from tallystick.store.facts import links
    from tallystick.sync.identity import KEYS
    from tallystick.views.status import unlinked

    screen = common.screen
    with common.installation() as installation, installation.database.read() as connection:
        found = links.links(connection, [kind] if kind else KEYS)
        asked = [row for row in links.questions(connection) if kind in (None, row.kind)]
        names = _names(connection, [*found, *asked])
        about_clients = kind in (None, "client")
        alone = unlinked(connection, installation.terms.homes) if about_clients else []
    document = {
        "links": [_link(row, names) for row in found],
        "questions": [
            {**_link(row, names), "probability": row.probability, "reasons": row.reasons}
            for row in asked
        ],
        "unlinked": alone,
    }

    def shown() -> None:
        _show(screen, document, kind)
        for ref in alone:
            screen.line(f"client {ref} is joined to nobody.", "yellow")
        if alone:
            screen.next(
                "links same COPY HOME", "says whose copy it is; one of yours alone may stay"
            )

    screen.result(document, shown)


def same(copy: Copy, home: Home, /, *, kind: LinkKind = "client", acting: Acting = ACTING) -> None:
    """Say that a copy is a record at home. Billing and profit follow at once."""
    _decide(acting, kind, copy, home, is_same=True)


def apart(copy: Copy, home: Home, /, *, kind: LinkKind = "client", acting: Acting = ACTING) -> None:
    """Say that a copy is not a record at home, whatever the rules find.

    It takes a link back that a rule or a person made; nothing of the two records is lost.
    """
    _decide(acting, kind, copy, home, is_same=False)


def _decide(acting: Acting, kind: str, copy: str, home: str, *, is_same: bool) -> None:
    from tallystick.engine.linking import decide

    with acting.installation() as installation:
        decide(installation, kind, copy, home, acting.who, same=is_same)
    said = "is" if is_same else "is not"
    document = {"kind": kind, "copy": copy, "home": home, "same": is_same, "by": acting.who}
    acting.screen.result(
        document, lambda: acting.screen.line(f"{copy} {said} {home}, says {acting.who}.")
    )


def _names(connection: Any, rows: list[Any]) -> dict[tuple[str, str], str]:
    from tallystick.store.facts.refs import rows_of
    from tallystick.store.facts.schema import FACTS

    names: dict[tuple[str, str], str] = {}
    for kind in {row.kind for row in rows}:
        refs = [ref for row in rows if row.kind == kind for ref in _refs(row)]
        names |= {
            (kind, ref): row.name for ref, row in rows_of(connection, FACTS[kind], refs, "name")
        }
    return names


def _refs(row: Any) -> tuple[str, str]:
    return f"{row.connection}:{row.id}", f"{row.home_connection}:{row.home_id}"


def _link(row: Any, names: dict[tuple[str, str], str]) -> dict[str, Any]:
    copy, home = _refs(row)
    return {
        "kind": row.kind,
        "copy": copy,
        "copy_name": names.get((row.kind, copy), ""),
        "home": home,
        "home_name": names.get((row.kind, home), ""),
        "rule": getattr(row, "rule", ""),
    }


def _show(screen: Screen, document: dict[str, Any], kind: str | None) -> None:
    links, asked = document["links"], document["questions"]
    if not links:
        screen.line(f"No {kind or 'record'} of one connection is joined to one of another.")
    elif kind is None:
        counts = Counter(
            (one["kind"], one["copy"].partition(":")[0], one["rule"].partition(":")[0])
            for one in links
        )
        counted_rows = [(*key, counts[key]) for key in sorted(counts)]
        screen.table("Linked", ("record", "from", "by", "count"), counted_rows)
    else:
        rows = [(*_both(one), one["rule"]) for one in links]
        screen.table("Linked", ("copy", "", "at home", "", "by"), rows)
    if not asked:
        screen.line("Nothing waits for a decision.")
        return
    screen.table(
        "Could be the same",
        ("copy", "", "at home", "", "likely", "because"),
        [(*_both(one), f"{one['probability']:.0%}", ", ".join(one["reasons"])) for one in asked],
    )
    screen.line(f"{counted(len(asked), 'pair')} to decide on: `tallystick links same COPY HOME`")
    screen.line("or `tallystick links apart COPY HOME`.")


def _both(one: dict[str, Any]) -> tuple[str, str, str, str]:
    return one["copy"], one["copy_name"], one["home"], one["home_name"]
