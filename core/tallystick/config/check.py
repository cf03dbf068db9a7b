"""`tallystick check`: everything wrong with an installation, found in one go.

It reads: the configuration, its secrets and mapping files, and the first rows of every
source. Nothing is stored and nothing is sent.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import BaseModel, SecretStr

from tallystick.billing.charges import ChargeModel
from tallystick.billing.models import SHIPPED
from tallystick.config.connections import (
    context_of,
    database_url,
    mapping_files,
    read_settings,
)
from tallystick.config.lines import read_lines, unpriceable
from tallystick.config.load import located
from tallystick.config.model import Config
from tallystick.config.places import Keys, Places
from tallystick.config.redaction import redacted
from tallystick.config.samples import Sample, check_samples, mapped_fields, sample
from tallystick.config.sources import Environ
from tallystick.connector import Connector, Session, Source
from tallystick.errors import Problem, TallystickError, of_machine
from tallystick.mapping import MappingFile
from tallystick.mapping.converters import Converter
from tallystick.plugins import Plugins

NEEDED = ("client", "contract", "contract_line")
"""The kinds without which nothing can be invoiced."""
COMES_LATER = ("mandate", "bank_transaction", "dispute")
"""The kinds a sound installation may have none of before its first invoice is paid."""
ONE_RECEIVER = {"invoice": "post every invoice"}
"""What may leave by one connection only, or it happens twice."""


def check_installation(
    path: Path, environ: Environ, plugins: Plugins, now: Callable[[], datetime]
) -> list[Problem]:
    """All problems of the installation whose configuration is `path`; none when it is sound.

    Raises `Stop` when there is no such file.
    """
    config, problems, places = located(path, environ)
    if config is None:
        return problems
    problems += _needed_homes(config, places)
    with _noted(problems, str(path)):
        database_url(config, path, environ)
    converters: Mapping[str, Converter] = {}
    models: Mapping[str, ChargeModel] = SHIPPED
    with _noted(problems, "plugins"):
        converters = plugins.converters()
        models = {**SHIPPED, **plugins.charge_models()}
    site = Site(config, places, path.parent, environ, now, converters, models)
    connectors: dict[str, Connector[Any]] = {}
    for name, connection in config.connection.items():
        with _noted(problems, places.at(("connection", name, "connector"))):
            connectors[name] = plugins.connector(connection.connector)
    problems += _one_receiver(connectors, places)
    for name, connector in connectors.items():
        problems += _check_connection(site, name, connector)
    return list(dict.fromkeys(problems))


class Site(NamedTuple):
    """What every connection is looked at with."""

    config: Config
    places: Places
    root: Path
    environ: Environ
    now: Callable[[], datetime]
    converters: Mapping[str, Converter]
    models: Mapping[str, ChargeModel]


@contextmanager
def _noted(problems: list[Problem], place: str) -> Iterator[None]:
    """What fails inside joins `problems` as a sentence, and the check goes on."""
    try:
        yield
    except TallystickError as error:
        problems.append(error.as_problem(place))
    except OSError as error:
        problems.append(of_machine(error).as_problem(place))
    except Exception as error:  # noqa: BLE001 - a stranger's connector may raise anything
        what = f"The connector failed: {type(error).__name__}: {error}."
        problems.append(Problem(place, what, "Report this to the connector's author."))


def _needed_homes(config: Config, places: Places) -> Iterator[Problem]:
    homeless = [kind for kind in NEEDED if kind not in config.homes]
    if homeless:
        what = f"No connection is home of {', '.join(homeless)}, so nothing can be invoiced."
        do = "Name them in `home` of a connection; what no tool of yours has can come from files."
        yield places.problem(("connection",), what, do)


def _one_receiver(connectors: Mapping[str, Connector[Any]], places: Places) -> Iterator[Problem]:
    for record, doing in ONE_RECEIVER.items():
        first, *others = [n for n, one in connectors.items() if record in one.writes] or [""]
        for name in others:
            what = f"Connections {first} and {name} would both {doing}."
            yield places.problem(("connection", name), what, "Remove one of the two.")


def _check_connection(site: Site, name: str, connector: Connector[Any]) -> list[Problem]:
    """Its settings, the session they open, and what its mapping makes of its first rows."""
    keys: Keys = ("connection", name)
    connection = site.config.connection[name]
    opened = read_settings(site.config, name, connector, site.places, site.root, site.environ)
    problems = list(opened.problems)
    for i, kind in enumerate(connection.home):
        if kind not in connector.reads:
            what = f"Connector {connector.name} does not read `{kind}`, so it cannot be its home."
            do = f"It reads {', '.join(sorted(connector.reads)) or 'nothing'}."
            problems.append(site.places.problem((*keys, "home", i), what, do))
    files: list[MappingFile] | None = None
    with _noted(problems, site.places.at((*keys, "mapping"))):
        files = mapping_files(connection, connector, site.root)
    mapped = mapped_fields(files or ()).keys()
    samples: dict[str, Sample] = {}
    if opened.settings is not None:
        kinds = sorted((mapped | set(connection.home)) & connector.reads)
        samples = _samples(site, name, connector, opened.settings, opened.secrets, kinds, problems)
    if files is not None:
        problems += _of_rows(site, name, files, mapped, samples)
    return [redacted(problem, opened.secrets) for problem in problems]


def _of_rows(
    site: Site,
    name: str,
    files: list[MappingFile],
    mapped: Collection[str],
    samples: Mapping[str, Sample],
) -> list[Problem]:
    """What the mapping makes of the first rows, and what it makes of none."""
    keys: Keys = ("connection", name)
    problems: list[Problem] = []
    with _noted(problems, site.places.at((*keys, "mapping"))):
        shipped = len(files) - bool(site.config.connection[name].mapping)
        problems += check_samples(files, samples, site.converters, shipped)
        lines = read_lines(files, samples, site.converters)
        cards = [card.name for card in site.config.rate_card]
        problems += unpriceable(lines, site.models, cards)
    for i, kind in enumerate(site.config.connection[name].home):
        place = site.places.at((*keys, "home", i))
        if kind in samples and files and kind not in mapped:
            what = f"Connection {name} is home of {kind}, and nothing maps what it gives."
            problems.append(Problem(place, what, f"Add [{kind}] to its `mapping` file."))
        elif kind not in COMES_LATER and kind in samples and not any(samples[kind]):
            what = f"Connection {name} is home of {kind}, and gives none."
            do = f"Put its {kind}s where it looks for them, or take {kind} out of `home`."
            problems.append(Problem(place, what, do))
    return problems


def _samples(
    site: Site,
    name: str,
    connector: Connector[Any],
    settings: BaseModel,
    secrets: Iterable[SecretStr],
    kinds: list[str],
    problems: list[Problem],
) -> dict[str, Sample]:
    """The first rows of each kind, from a session that could say who it is."""
    place = site.places.at(("connection", name))
    session: Session | None = None
    with _noted(problems, place):
        context = context_of(site.config, name, site.root, site.now, secrets)
        opened = connector.open(settings, context)
        opened.whoami()
        session = opened
    samples: dict[str, Sample] = {}
    if isinstance(session, Source):
        for kind in kinds:
            with _noted(problems, place):
                samples[kind] = sample(session, kind)
    return samples
