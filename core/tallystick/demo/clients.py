"""The sample MSP's clients, as its PSA knows them, and their direct debit mandates.

All of them are invented. The IBANs are examples that banks and standards publish for testing.
"""

from __future__ import annotations

from datetime import date
from typing import NamedTuple


class Client(NamedTuple):
    """`work` is the client's share of all tickets, in arbitrary units."""

    id: str
    name: str
    vat_id: str
    domain: str
    street: str
    postcode: str
    city: str
    country: str
    tax_code: str
    terms_days: int
    work: int

    @property
    def number(self) -> str:
        """The customer number, which the RMM's sites carry too."""
        return f"K{self.id}"


class Mandate(NamedTuple):
    id: str
    client: str
    iban: str
    bic: str
    holder: str
    signed_on: date


DE, EU, THIRD = "DE-19", "EU-RC", "NON-EU"
NO_CONTRACT = "1014"
IN_NEW_ZEALAND = "1011"
BOUNCING = "1012"
PAYS_EUROS = "1010"
"""Owes francs, and pays them into the account in euros."""

CLIENTS = (
    Client("1001", "Alsterblick Steuerberatung PartG mbB", "DE100001001", "alsterblick.example",
           "Kaistieg 4", "20457", "Hamburg", "DE", DE, 14, 10),
    Client("1002", "Brandis Maschinenbau GmbH", "DE100001002", "brandis-maschinenbau.example",
           "Werkring 17", "23560", "Lübeck", "DE", DE, 14, 15),
    Client("1003", "Cordes Spedition GmbH & Co. KG", "DE100001003", "cordes-spedition.example",
           "Hafenrand 88", "28217", "Bremen", "DE", DE, 14, 10),
    Client("1004", "Deichgraf Architekten GmbH", "DE100001004", "deichgraf.example",
           "Am Sielwall 3", "24103", "Kiel", "DE", DE, 14, 6),
    Client("1005", "Elbufer Zahnmedizin MVZ GmbH", "DE100001005", "elbufer-mvz.example",
           "Uferweg 21", "22609", "Hamburg", "DE", DE, 14, 6),
    Client("1006", "Falkner Logistik GmbH", "ATU10001006", "falkner-logistik.example",
           "Donaulände 9", "1020", "Wien", "AT", EU, 14, 9),
    Client("1007", "Grachten Media B.V.", "NL100001007B01", "grachtenmedia.example",
           "Waterkant 112", "1017 AB", "Amsterdam", "NL", EU, 14, 8),
    Client("1008", "Hôtel des Tilleuls SAS", "FR10100001008", "tilleuls.example",
           "6 quai des Saules", "67000", "Strasbourg", "FR", EU, 14, 5),
    Client("1009", "Iselin Treuhand AG", "CHE-100.001.009", "iselin-treuhand.example",
           "Seegasse 5", "8001", "Zürich", "CH", THIRD, 30, 9),
    Client("1010", "Jurablick Optik AG", "CHE-100.001.010", "jurablick.example",
           "Marktlaube 2", "2502", "Biel", "CH", THIRD, 30, 6),
    Client("1011", "Kōwhai Orchards Ltd", "", "kowhai-orchards.example",
           "41 Riverbank Road", "4110", "Hastings", "NZ", THIRD, 30, 7),
    Client("1012", "Lachs & Luchs Gastronomie GmbH", "DE100001012", "lachsundluchs.example",
           "Strandpromenade 1", "18119", "Rostock", "DE", DE, 14, 5),
    Client("1013", "Matterhaus Immobilien AG", "CHE-100.001.013", "matterhaus.example",
           "Reussport 30", "6003", "Luzern", "CH", THIRD, 30, 3),
    Client("1014", "Nautilus Bootswerft GmbH", "DE100001014", "nautilus-werft.example",
           "Slipanlage 7", "23966", "Wismar", "DE", DE, 14, 1),
)  # fmt: skip

MANDATES = (
    Mandate("HK-1001-2026", "1001", "DE02120300000000202051", "",
            "Alsterblick Steuerberatung PartG mbB", date(2026, 5, 4)),
    Mandate("HK-1002-2026", "1002", "DE02500105170137075030", "",
            "Brandis Maschinenbau GmbH", date(2026, 5, 6)),
    Mandate("HK-1003-2026", "1003", "DE02100500000054540402", "",
            "Cordes Spedition GmbH & Co. KG", date(2026, 5, 11)),
    Mandate("HK-1004-2026", "1004", "DE02300209000106531065", "",
            "Deichgraf Architekten GmbH", date(2026, 7, 2)),
    Mandate("HK-1005-2026", "1005", "DE02200505501015871393", "",
            "Elbufer Zahnmedizin MVZ GmbH", date(2026, 5, 12)),
    Mandate("HK-1006-2026", "1006", "AT611904300234573201", "",
            "Falkner Logistik GmbH", date(2026, 5, 12)),
    Mandate("HK-1007-2026", "1007", "NL91ABNA0417164300", "ABNANL2A",
            "Grachten Media B.V.", date(2026, 5, 18)),
    Mandate("HK-1008-2026", "1008", "FR1420041010050500013M02606", "",
            "Hôtel des Tilleuls SAS", date(2026, 5, 20)),
    Mandate("HK-1012-2026", "1012", "DE75512108001245126199", "",
            "Lachs & Luchs Gastronomie GmbH", date(2026, 6, 1)),
)  # fmt: skip
