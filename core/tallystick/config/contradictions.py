"""What no single key shows: two parts of a configuration that cannot both be meant."""

from __future__ import annotations

from collections.abc import Iterator

from tallystick.config.collection import collection_findings
from tallystick.config.effort import overhead_findings
from tallystick.config.finding import Finding
from tallystick.config.flows import flow_findings
from tallystick.config.model import Config, Link
from tallystick.config.places import Keys
from tallystick.config.rate_cards import rate_card_findings
from tallystick.config.schedules import twice
from tallystick.config.taxes import Tax
from tallystick.mapping.entries import suggest


def contradictions(config: Config) -> Iterator[Finding]:
    """Everything in `config` that contradicts something else in it."""
    yield from _homes(config)
    yield from rate_card_findings(config.rate_card)
    yield from _taxes(config)
    yield from _exchange_rates(config)
    yield from overhead_findings(config.effort)
    yield from collection_findings(config.collection, config.dunning)
    yield from _accounts(config)
    yield from _indices(config)
    yield from _attached(config)
    for i in twice(config.schedule):
        what = f"{config.schedule[i].task!r} is scheduled twice for the same time."
        yield Finding(("schedule", i), what, "Leave one of the two.")
    yield from flow_findings(config.flow, config.connection)
    for i, link in enumerate(config.link):
        yield from _link(config, link, ("link", i))


def _homes(config: Config) -> Iterator[Finding]:
    seen: dict[str, str] = {}
    for name, connection in config.connection.items():
        for i, kind in enumerate(connection.home):
            if kind in seen:
                what = f"Connections {seen[kind]} and {name} are both home of `{kind}`."
                if seen[kind] == name:
                    what = f"`{kind}` is listed twice."
                yield Finding(("connection", name, "home", i), what, "Leave one of the two.")
            seen.setdefault(kind, name)


def _taxes(config: Config) -> Iterator[Finding]:
    rates = [(tax.category, tax.country, tax.region, tax.valid_from) for tax in config.tax]
    for i, (tax, rate) in enumerate(zip(config.tax, rates, strict=True)):
        if rate in rates[:i]:
            what = f"Tax category {tax.category!r} has two rates from the same day."
            yield Finding(("tax", i), what, "Remove one, or give it another `valid_from`.")
        yield from _tax_kind(tax, ("tax", i))
    known, wanted = {tax.category for tax in config.tax}, config.billing.tax_category
    if wanted not in known:
        what = f"There is no tax category {wanted!r}.{suggest(wanted, known)}"
        do = f'Add [[tax]] with `category = "{wanted}"` (`percent = "0"` if you charge none).'
        yield Finding(("billing", "tax_category"), what, do)


def _tax_kind(tax: Tax, keys: Keys) -> Iterator[Finding]:
    """What EN 16931 allows no invoice to say (BR-S-05, BR-Z-05, BR-E-05 and -10, and so on)."""
    if tax.percent and tax.kind != "S":
        what = f"Tax category {tax.category!r} has code {tax.kind} and yet {tax.percent} %."
        yield Finding((*keys, "percent"), what, "Charge 0 %, or leave `code` out.")
    if not tax.percent and tax.kind == "S":
        what = f"Tax category {tax.category!r} has code S, standard, at 0 %."
        yield Finding((*keys, "code"), what, "Leave it out, or say why no tax is charged.")
    if tax.kind == "E" and not tax.exemption:
        what = f"Tax category {tax.category!r} is exempt, and invoices must say why."
        yield Finding((*keys, "code"), what, "Add `exemption` with the words of the law.")
    if tax.region and not tax.country:
        what = f"Tax category {tax.category!r} is for region {tax.region} of no country."
        yield Finding((*keys, "region"), what, "Add `country`.")


def _exchange_rates(config: Config) -> Iterator[Finding]:
    rates = [(one.source, one.target, one.valid_from) for one in config.exchange_rate]
    for i, rate in enumerate(rates):
        if rate in rates[:i]:
            what = f"There are two exchange rates from {rate[0]} to {rate[1]} from the same day."
            yield Finding(("exchange_rate", i), what, "Remove one of them.")


def _accounts(config: Config) -> Iterator[Finding]:
    categories = {tax.category for tax in config.tax}
    for key, given, known, kind in (
        ("tax", config.accounts.tax, categories, "tax category"),
        ("bank", config.accounts.bank, set(config.connection), "connection"),
    ):
        for name in given:
            if name not in known:
                what = f"There is no {kind} {name!r}.{suggest(name, known)}"
                do = f"Known are {', '.join(sorted(known)) or 'none'}."
                yield Finding(("accounts", key, name), what, do)


def _indices(config: Config) -> Iterator[Finding]:
    names = [index.name for index in config.index]
    for i, name in enumerate(names):
        if name in names[:i]:
            what = f"There are two indices {name!r}."
            yield Finding(("index", i, "name"), what, "Rename one, or make them one.")


def _attached(config: Config) -> Iterator[Finding]:
    written = config.documents.formats
    do = f"Add it to `formats` in [documents], or attach what is written: {', '.join(written)}."
    for name in config.email.attach if config.email else ():
        if name not in written:
            what = f"Letters are to take {name} along, and invoices are not written as {name}."
            yield Finding(("email", "attach"), what, do)


def _link(config: Config, link: Link, keys: Keys) -> Iterator[Finding]:
    for key, (name, _) in (("from", link.copy_ref), ("to", link.home_ref)):
        if name not in config.connection:
            what = f"There is no connection {name!r}.{suggest(name, config.connection)}"
            do = f"Configured are {', '.join(config.connection) or 'none'}."
            yield Finding((*keys, key), what, do)
            return
    homes = [name for name, one in config.connection.items() if link.record in one.home]
    if link.home_ref[0] not in homes:
        what = f"Connection {link.home_ref[0]} is not the home of `{link.record}`."
        do = "Say in `home` which connection is."
        if homes:
            do = f"Let `to` name a record of {homes[0]}."
        yield Finding((*keys, "to"), what, do)
    elif link.copy_ref[0] == link.home_ref[0]:
        what = f"Both ends of the link are in connection {link.home_ref[0]}."
        yield Finding((*keys, "from"), what, "Let `from` name the other connection's record.")
