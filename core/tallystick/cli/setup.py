"""`check`, `mapping check`, `db upgrade`, `plugin list`, `plugin show`, `plugin new`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from cyclopts import Parameter

from tallystick.cli.options import COMMON, OUTPUT, Common, Output
from tallystick.cli.wording import counted

if TYPE_CHECKING:
    from tallystick.cli.screen import Screen
    from tallystick.connector import Raw
    from tallystick.errors import Problem


def check(*, common: Common = COMMON) -> int:
    """Check config, secrets, mappings and connections; list every problem.

    Each with its place and its fix, against the first rows every connection gives. Changes
    nothing. Exit code 1 when there is a problem.
    """
    import os

    from tallystick.config.check import check_installation
    from tallystick.engine.installation import wall_clock
    from tallystick.plugins import Plugins

    found = check_installation(common.path, os.environ, Plugins(), wall_clock)
    return _report(common.screen, found, "sync")


def mapping_check(
    file: Annotated[Path, Parameter(help="The mapping file.")],
    /,
    *,
    sample: Annotated[
        tuple[str, ...], Parameter(metavar="KIND=FILE.json", negative=(), show_default=False)
    ] = (),
    output: Output = OUTPUT,
) -> int:
    """Check one mapping file without any connection.

    Its fields, converters, paths and choices; exit code 1 when there is a problem.

    Parameters
    ----------
    sample
        A vendor's record (or a list of them) of that kind to read with it.
    """
    from tallystick.config.sources import read_text
    from tallystick.mapping import MappingFile, check_mapping
    from tallystick.plugins import Plugins

    files = [MappingFile(str(file), read_text(file))]
    samples = dict(map(_sample, sample))
    return _report(output.screen, check_mapping(files, samples, Plugins().converters()))


def _sample(given: str) -> tuple[str, list[Raw]]:
    import json
    from decimal import Decimal

    from tallystick.config.sources import read_text
    from tallystick.errors import Stop

    kind, _, name = given.partition("=")
    try:
        found = json.loads(read_text(Path(name)), parse_float=Decimal)
    except ValueError as error:
        raise Stop(
            f"The sample {name!r} is no JSON: {error}.",
            do="Write --sample KIND=FILE.json, as in --sample ticket=ticket.json.",
        ) from None
    return kind, found if isinstance(found, list) else [found]


def _report(screen: Screen, problems: list[Problem], then: str = "") -> int:

    def show() -> None:
        for problem in problems:
            screen.line(str(problem))
        if problems:
            screen.line(f"{counted(len(problems), 'problem')}.", "red")
            return
        screen.line("Everything fits.", "green")
        if then:
            screen.next(then)

    screen.result({"problems": problems}, show)
    return 1 if problems else 0


def db_upgrade(*, common: Common = COMMON) -> None:
    """Bring the database to the schema this version needs.

    SQLite is brought up to date by any command; PostgreSQL, which others may share, only here,
    together with the queue of its workers.
    """
    import os
    from importlib.util import find_spec

    from tallystick.config.connections import database_url
    from tallystick.config.load import load_config
    from tallystick.engine.workers import lay_queue
    from tallystick.store.database import open_database
    from tallystick.store.migrate import upgrade

    screen = common.screen
    path = common.path
    url = database_url(load_config(path, os.environ), path, os.environ)
    database = open_database(url.get_secret_value(), path.resolve().parent)
    try:
        changed = upgrade(database)
        if database.dialect == "postgresql" and find_spec("procrastinate"):
            changed |= lay_queue(database, url.get_secret_value())
    finally:
        database.close()
    screen.result(
        {"upgraded": changed},
        lambda: screen.line("Upgraded." if changed else "The schema is up to date."),
    )


def plugin_list(*, output: Output = OUTPUT) -> None:
    """Show the installed connectors.

    What each reads and writes, how proven it is, and what is broken.
    """
    from tallystick.plugins import Plugins

    screen = output.screen
    plugins = Plugins()
    rows: list[dict[str, Any]] = [
        {
            "name": one.name,
            "shelf": one.shelf,
            "reads": sorted(one.reads),
            "writes": sorted(one.writes),
            "tier": one.tier,
        }
        for one in plugins.connectors().values()
    ]
    broken = list(plugins.broken.values())

    def show() -> None:
        screen.table(
            "Connectors",
            ("name", "shelf", "reads", "writes", "tier"),
            [
                (
                    row["name"],
                    row["shelf"],
                    ", ".join(row["reads"]) or None,
                    ", ".join(row["writes"]) or None,
                    row["tier"],
                )
                for row in rows
            ],
        )
        for problem in broken:
            screen.line(str(problem), "red")
        screen.next("plugin show NAME", "what to write into tallystick.toml for it")

    screen.result({"connectors": rows, "broken": broken}, show)


def plugin_show(
    name: Annotated[str, Parameter(help="The connector, as `plugin list` calls it.")],
    /,
    *,
    output: Output = OUTPUT,
) -> None:
    """Show a connector's own page: what to write into tallystick.toml, and what it can do."""
    from tallystick.connector.page import page_of
    from tallystick.plugins import Plugins

    screen = output.screen
    page = page_of(Plugins().connector(name))
    screen.result({"name": name, "page": page}, lambda: screen.page(page))


def plugin_new(
    name: Annotated[str, Parameter(help="What the connector is called, as in acme_desk.")],
    /,
    *,
    shelf: Literal["psa", "rmm", "accounting", "payments"] = "psa",
    output: Output = OUTPUT,
) -> None:
    """Write a package with a connector that works, to be made your own.

    It lies in a new folder here, passes the conformance kit, and installs with pip.

    Parameters
    ----------
    shelf
        What kind of tool it connects.
    """
    from tallystick.scaffold.connector import write_connector

    screen = output.screen
    written = write_connector(name, shelf, Path.cwd())
    folder = written[0].parent

    def show() -> None:
        for path in written:
            screen.line(f"  {path.relative_to(folder.parent)}")
        screen.line(f"Go on with: pip install -e {folder.name} && pytest {folder.name}", "green")
        screen.line("docs/write-a-connector.md takes you from here to your vendor.")

    screen.result({"folder": str(folder), "files": [str(path) for path in written]}, show)
