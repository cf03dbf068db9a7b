"""Links decided by people, with what the installation brings."""

from __future__ import annotations

from tallystick.engine.installation import Installation
from tallystick.errors import Stop
from tallystick.store.facts import links
from tallystick.store.facts.links import Pair
from tallystick.store.facts.refs import rows_of
from tallystick.store.facts.schema import FACTS
from tallystick.store.profit.keeping import Keeper
from tallystick.store.profit.rebuilding import ensure
from tallystick.store.progress import Step, untold
from tallystick.sync.identity import KEYS
from tallystick.sync.linking import HandLink, LinkReport, link_all


def relink(installation: Installation, step: Step = untold) -> list[LinkReport]:
    """Run the rules over what is stored; effort and profit follow what moved."""
    reports = link_all(
        installation.database,
        installation.homes,
        hand_links(installation),
        installation.plugins.match_client,
        Keeper(installation.cells),
    )
    ensure(installation.database, installation.cells, step)
    return reports


def decide(
    installation: Installation, kind: str, copy: str, home: str, by: str, *, same: bool
) -> Pair:
    """Note that the record `copy` (`connection:id`) is the home record `home`, or is not, and link
    anew. Nothing of either record changes, so the opposite can be said later.

    Raises `Stop` when there is no such record, or `home` is not one of the kind's home.
    """
    pair = Pair(kind, *_parted(copy), *_parted(home))
    at_home = installation.homes.get(kind)
    if kind not in KEYS or pair.home_connection != at_home or pair.connection == at_home:
        raise Stop(
            f"{copy} cannot be linked to {home} as a {kind}.",
            do=f"Name a copy first, then a record of connection {at_home}, the home of {kind}s.",
        )
    with installation.database.write() as connection:
        there = {ref for ref, _ in rows_of(connection, FACTS[kind], [copy, home], "name")}
        for ref in (copy, home):
            if ref not in there:
                raise Stop(f"There is no {kind} {ref}.", do="`tallystick links` names them.")
        links.decide(connection, pair, by, installation.now(), same=same)
    relink(installation)
    return pair


def hand_links(installation: Installation) -> list[HandLink]:
    """The [[link]] tables of the config."""
    return [
        HandLink(one.record, *one.copy_ref, one.home_ref[1]) for one in installation.config.link
    ]


def _parted(ref: str) -> tuple[str, str]:
    connection, _, external_id = ref.partition(":")
    return connection, external_id
