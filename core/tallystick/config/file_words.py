"""What tools call the files of each record kind, for a first guess at somebody's own exports.

Compared as the words in `tallystick.config.words` are.
"""

from __future__ import annotations

KINDS_OF_FILES = {
    "client": "clients customers companies accounts kunden organisations organizations",
    "contact": "contacts persons kontakte ansprechpartner",
    "technician": "technicians engineers agents employees members resources staff users mitarbeiter"
    " techniker",
    "cost_rate": "costrates costs wages internalrates kostensaetze",
    "asset": "assets devices computers configurations configurationitems machines inventory geraete"
    " geräte",
    "ticket": "tickets incidents issues cases requests servicerequests vorgaenge",
    "booking": "bookings timeentries times timelogs timesheets timesheet worklogs worklog hours"
    " zeiten zeiteintraege leistungen",
    "contract": "contracts agreements vertraege verträge",
    "contract_line": "contractlines agreementlines additions contractservices contractitems lines"
    " vertragspositionen positionen",
    "licence": "licences licenses subscriptions seats lizenzen abonnements",
    "usage": "usages meterreadings meters consumption verbrauch nutzung",
    "cost": "costs expenses directcosts parts purchases kosten auslagen",
    "mandate": "mandates sepamandates directdebits mandate lastschriftmandate",
    "bank_transaction": "banktransactions transactions statements umsaetze umsätze",
    "dispute": "disputes chargebacks",
}
