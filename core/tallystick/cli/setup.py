"""`init`, `check`, `mapping check`, `db upgrade`, `plugin list`."""

from __future__ import annotations

import json
import os
from decimal import Decimal
from pathlib import Path

from tallystick.cli.options import COMMON, Common
from tallystick.cli.screen import Screen
from tallystick.config.check import check_installation
from tallystick.config.connections import database_url
from tallystick.config.load import load_config
from tallystick.config.sources import find_config, read_text
from tallystick.connector import Raw
from tallystick.engine.installation import wall_clock
from tallystick.errors import Problem, Stop
from tallystick.mapping import MappingFile, check_mapping
from tallystick.plugins import Plugins
from tallystick.store.database import open_database
from tallystick.store.migrate import upgrade


def check(*, common: Common = COMMON) -> int:
    """Check config, secrets, mappings and every connection, against the first rows it reads.

    Lists every problem with its place and its fix. Changes nothing. Exit code 1 when there
    is a problem.
    """
    path = find_config(common.config, os.environ, Path.cwd())
    return _report(common.screen, check_installation(path, os.environ, Plugins(), wall_clock))


def mapping_check(file: Path, /, *, sample: tuple[str, ...] = (), common: Common = COMMON) -> int:
    """Check one mapping FILE without any connection: fields, converters, paths, choices.

    Parameters
    ----------
    sample
        KIND=FILE.json: a vendor's record (or a list of them) of that kind to read with it.
    """
    files = [MappingFile(str(file), read_text(file))]
    samples = dict(map(_sample, sample))
    return _report(common.screen, check_mapping(files, samples, Plugins().converters()))


def _sample(given: str) -> tuple[str, list[Raw]]:
    kind, _, name = given.partition("=")
    try:
        found = json.loads(read_text(Path(name)), parse_float=Decimal)
    except ValueError as error:
        raise Stop(
            f"The sample {name!r} is no JSON: {error}.",
            do="Write --sample KIND=FILE.json, as in --sample ticket=ticket.json.",
        ) from None
    return kind, found if isinstance(found, list) else [found]


def _report(screen: Screen, problems: list[Problem]) -> int:
    def show() -> None:
        for problem in problems:
            screen.line(str(problem))
        found = f"{len(problems)} problems." if problems else "Everything fits."
        screen.line(found, "red" if problems else "green")

    screen.result({"problems": problems}, show)
    return 1 if problems else 0


def db_upgrade(*, common: Common = COMMON) -> None:
    """Bring the database to the schema this version needs.

    SQLite is brought up to date by any command; PostgreSQL, which others may share, only here.
    """
    screen = common.screen
    path = find_config(common.config, os.environ, Path.cwd())
    url = database_url(load_config(path, os.environ), path, os.environ)
    database = open_database(url.get_secret_value(), path.resolve().parent)
    try:
        changed = upgrade(database)
    finally:
        database.close()
    screen.result(
        {"upgraded": changed},
        lambda: screen.line("Upgraded." if changed else "The schema is up to date."),
    )


def plugin_list(*, common: Common = COMMON) -> None:
    """Show the installed connectors: what each reads and writes, its tier, what is broken."""
    screen = common.screen
    plugins = Plugins()
    rows = [
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
        columns = ("name", "shelf", "reads", "writes", "tier")
        screen.table(
            "Connectors",
            columns,
            [
                [
                    ", ".join(value) if isinstance(value := row[name], list) else value
                    for name in columns
                ]
                for row in rows
            ],
        )
        for problem in broken:
            screen.line(str(problem), "red")

    screen.result({"connectors": rows, "broken": broken}, show)
