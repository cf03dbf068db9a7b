"""The machines the sample MSP's RMM watches, site by site, and how they change in the quarter."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from random import Random
from typing import NamedTuple

from tallystick.demo.clients import CLIENTS

SERVER, WORKSTATION, LAPTOP, FIREWALL = (
    "Windows Server",
    "Windows Workstation",
    "Mobile Device",
    "Network Appliance",
)
NAMES = {SERVER: "SRV", WORKSTATION: "PC", LAPTOP: "NB", FIREWALL: "FW"}
BOGUS_SERIAL = "To be filled by O.E.M."
UNKNOWN_SITE = "S-99"


class Site(NamedTuple):
    """The RMM's word for a client; `customer_number` is None where nobody filled it in."""

    id: str
    name: str
    customer_number: str | None


@dataclass(frozen=True, slots=True)
class Device:
    """Watched from `first_seen` to before `retired_on`."""

    id: str
    site: str
    hostname: str
    type: str
    serial: str
    mac: str
    first_seen: date
    retired_on: date | None = None


SITE_NAMES = (
    "Alsterblick", "Brandis Werk Lübeck", "Cordes Zentrale", "Deichgraf", "MVZ Elbufer",
    "Falkner Wien", "Grachten Media", "Hotel Tilleuls", "Iselin", "Jurablick Filialen",
    "Kowhai Orchards", "Lachs und Luchs", "Matterhaus", "Bootswerft Nautilus",
)  # fmt: skip
SITES = (
    *(
        Site(f"S-{number:02}", name, client.number)
        for number, (name, client) in enumerate(zip(SITE_NAMES, CLIENTS, strict=True), 1)
    ),
    Site(UNKNOWN_SITE, "Testlabor alt", None),
)

FLEET = {
    # site: servers, workstations, laptops, network appliances on the first of July
    "S-01": (1, 10, 3, 1),
    "S-02": (5, 15, 4, 1),  # the appliance is on no line of the agreement
    "S-03": (2, 7, 3, 1),
    "S-04": (1, 6, 3, 1),
    "S-05": (1, 5, 1, 1),
    "S-06": (2, 8, 3, 1),
    "S-07": (0, 3, 7, 1),
    "S-08": (1, 5, 1, 1),
    "S-09": (1, 6, 4, 1),
    "S-10": (1, 8, 2, 1),
    "S-11": (1, 3, 3, 1),
    "S-12": (1, 3, 2, 0),
    "S-13": (1, 4, 2, 1),
    "S-14": (1, 4, 0, 0),  # a client without any agreement
    UNKNOWN_SITE: (1, 1, 0, 0),
}

ADDED = (
    ("S-02", WORKSTATION, 3, date(2026, 8, 12)),
    ("S-06", LAPTOP, 2, date(2026, 7, 20)),
    ("S-10", WORKSTATION, 1, date(2026, 8, 31)),  # on the last day, which is the one that counts
)
RETIRED = (
    ("S-02", WORKSTATION, 2, date(2026, 8, 27)),
    ("S-02", SERVER, 1, date(2026, 9, 15)),
    ("S-10", LAPTOP, 1, date(2026, 7, 31)),  # gone on the last day: not counted in July
    ("S-06", WORKSTATION, 1, date(2026, 9, 1)),  # counted in August, gone from September
)
WITHOUT_SERIAL = (("S-05", WORKSTATION), ("S-12", WORKSTATION))


def devices(random: Random) -> tuple[Device, ...]:
    """Every device of the quarter, by id."""
    found: list[Device] = []
    for site, counts in FLEET.items():
        for kind, count in zip(NAMES, counts, strict=True):
            for _ in range(count):
                seen = date(2023, 1, 1) + timedelta(days=random.randrange(1200))
                found.append(_device(random, found, site, kind, seen))
    for site, kind, count, day in ADDED:
        for _ in range(count):
            found.append(_device(random, found, site, kind, day))
    for site, kind, count, day in RETIRED:
        for index in _first(found, site, kind, count):
            found[index] = replace(found[index], retired_on=day)
    for site, kind in WITHOUT_SERIAL:
        for index in _first(found, site, kind, 1):
            found[index] = replace(found[index], serial=BOGUS_SERIAL)
    return tuple(found)


def _device(random: Random, so_far: list[Device], site: str, kind: str, seen: date) -> Device:
    number = sum(1 for one in so_far if (one.site, one.type) == (site, kind)) + 1
    letters = random.choices("ABCDEFGHJKLMNPQRSTUVWXYZ0123456789", k=10)
    octets = (random.randrange(256) for _ in range(5))
    return Device(
        id=f"D-{len(so_far) + 1:04}",
        site=site,
        hostname=f"{site.replace('-', '')}-{NAMES[kind]}{number:02}",
        type=kind,
        serial="".join(letters),
        mac="02:" + ":".join(f"{octet:02X}" for octet in octets),  # 02: locally administered
        first_seen=seen,
    )


def _first(found: list[Device], site: str, kind: str, count: int) -> list[int]:
    """The places of the first `count` devices of a kind at a site."""
    places = [place for place, one in enumerate(found) if (one.site, one.type) == (site, kind)]
    return places[:count]
