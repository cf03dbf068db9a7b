"""The first step of the line: every connection's records in, then linked."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from tallystick.config.connections import mapping_files
from tallystick.connector import Raw, Source
from tallystick.engine.flow_plan import FlowReport
from tallystick.engine.flows import flow_all
from tallystick.engine.installation import Installation
from tallystick.engine.linking import relink
from tallystick.engine.progress import Progress
from tallystick.errors import Retry, Stop, TallystickError, of_machine
from tallystick.mapping import MappingFile, load_mapping
from tallystick.store.profit.keeping import Keeper
from tallystick.sync.border import Reader
from tallystick.sync.linking import LinkReport
from tallystick.sync.pull import Feed, PullReport, pull


class Canonical:
    """The reader of a connector whose records are canonical already."""

    def read(self, raw: Raw) -> dict[str, object]:
        return {name: value for name, value in raw.items() if value not in (None, "")}

    read_what_fits = read

    def read_columns(self, raws: Sequence[Raw]) -> None:
        """They are few: statements of accounts and the like."""


@dataclass(frozen=True, slots=True)
class SyncReport:
    """What came in by connection and kind. `failed` are the connections, or kinds of one, that
    could not be read to their end; what came before the failure is stored. `flows` is what went on
    to other connections."""

    pulls: list[PullReport]
    links: list[LinkReport]
    failed: list[TallystickError]
    flows: list[FlowReport] = field(default_factory=list)

    @property
    def written(self) -> int:
        return sum(one.written for one in self.pulls) + sum(one.written for one in self.links)


def sync(
    installation: Installation,
    progress: Progress,
    only: str | None = None,
    *,
    accept_gone: bool = False,
    accept_flows: bool = False,
    dry_run: bool = False,
) -> SyncReport:
    """Pull every kind of every connection (or of `only` one), link, and let flows bring records on,
    or with `dry_run` only say what they would. Effort and profit follow every change; the first
    time they are made of everything at the end. With `accept_gone` what whole lists leave out is
    gone, and with `accept_flows` flows write, however much it is.

    One that fails keeps no other from syncing; raises what failed when nothing could be read.
    """
    if only is not None and only not in installation.config.connection:
        names = ", ".join(sorted(installation.config.connection))
        raise Stop(f"There is no connection {only!r}.", do=f"Configured are {names}.")
    pulls: list[PullReport] = []
    failed: list[TallystickError] = []
    for name in sorted(installation.config.connection):
        if only not in (None, name):
            continue
        try:
            found = list(feeds(installation, name))
        except (TallystickError, OSError) as error:
            failed.append(_of(error, name))
            continue
        for feed in found:
            try:
                pulls.append(_pull(installation, feed, progress, accept_gone))
            except (TallystickError, OSError) as error:
                failed.append(_of(error, name))
    if failed and not pulls:
        raise _all_of(failed)
    links = relink(installation, progress.step)
    flows = flow_all(installation, progress, dry_run=dry_run, accept=accept_flows)
    return SyncReport(pulls, links, failed, flows)


def _pull(
    installation: Installation, feed: Feed, progress: Progress, accept_gone: bool
) -> PullReport:
    with progress.step(f"{feed.connection}: {feed.kind}") as more:
        zone = installation.config.msp.zone
        given = (feed, installation.database, zone, installation.now, more)
        return pull(*given, Keeper(installation.cells), accept_gone=accept_gone)


def _all_of(failed: Sequence[TallystickError]) -> TallystickError:
    """The one error, or all of them as one; it may pass by itself when each of them may."""
    said = dict.fromkeys(map(str, failed))  # one that refuses the login does so for every kind
    if len(said) == 1:
        return failed[0]
    recovery = Retry if all(isinstance(one, Retry) for one in failed) else Stop
    listed = "".join(f"\n  {one}" for one in said)
    return recovery(f"No connection could be read:{listed}\n", do="Nothing was changed.")


def _of(failed: TallystickError | OSError, connection: str) -> TallystickError:
    """The error, saying which connection it is about."""
    error = of_machine(failed) if isinstance(failed, OSError) else failed
    error.connection = error.connection or connection
    return error


def feeds(installation: Installation, name: str) -> Iterator[Feed]:
    """Every record kind that connection `name` reads and that has a mapping or needs none."""
    session = installation.session(name)
    if not isinstance(session, Source):
        return
    connector = installation.connector(name)
    files = mapping_files(installation.config.connection[name], connector, installation.root)
    readers: dict[str, Reader]
    if files:
        readers = dict(load_mapping(files, installation.plugins.converters()))
    else:
        readers = {kind: Canonical() for kind in connector.reads}
    fingerprint = _fingerprint(files)
    for kind in sorted(readers.keys() & connector.reads):
        yield Feed(name, kind, session, readers[kind], fingerprint)


def _fingerprint(files: list[MappingFile]) -> str:
    """Changes when a mapping does, so that rows are read again under the new one."""
    texts = "\0".join(file.text for file in files)
    return hashlib.blake2b(texts.encode(), digest_size=16).hexdigest()
