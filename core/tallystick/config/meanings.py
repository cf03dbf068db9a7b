"""What tools call the values we know, for a first guess at somebody's own files."""

from __future__ import annotations

MEANINGS: dict[str, dict[str, str]] = {
    "billable": {
        "billable": "billable yes y true 1 ja bill abrechenbar",
        "never": "never no n false 0 nein nonbillable notbillable donotbill unbillable",
        "no_charge": "nocharge free gratis kulanz",
    },
    "model": {
        "fixed": "fixed fixedfee flat flatfee flatrate recurring pauschale",
        "per_unit": "perunit perdevice perasset peruser perlicence perlicense perseat unit device",
        "time_and_materials": "timeandmaterials timematerials tm hourly time aufwand",
        "per_incident": "perincident perticket incident ticket",
        "usage": "usage meter metered consumption payg payasyougo verbrauch nutzung",
        "prepaid": "prepaidhours prepaid blockhours block hourbank stundenkontingent",
        "retainer": "retainer retainerfee vorhaltung",
        "one_off": "oneoff onetime once milestone milestones einmalig",
        "discount": "discount rebate rabatt nachlass",
        "percentage": "percentage surcharge zuschlag",
        "commitment": "commitment minimumcommitment minimum mindestumsatz mindestabnahme",
    },
    "cycle": {
        "month": "month monthly m monatlich monat",
        "quarter": "quarter quarterly q vierteljaehrlich quartal",
        "year": "year yearly annual annually y jaehrlich jährlich jahr",
    },
    "timing": {
        "advance": "advance inadvance vorab imvoraus",
        "arrears": "arrears inarrears nachträglich",
    },
    "count_of": {
        "assets": "assets devices geräte",
        "users": "users contacts people benutzer",
        "licences": "licences licenses seats subscriptions lizenzen",
    },
    "counted": {
        "period_end": "periodend end endofperiod",
        "peak": "peak highest maximum",
        "average": "average mean durchschnitt",
        "daily": "daily perday byday täglich",
    },
    "proration": {
        "actual_days": "actualdays byday daily",
        "thirty_day_month": "thirtydaymonth 30daymonth 30days",
        "full": "full",
        "none": "none no",
    },
}
"""What tools say for each of our own words."""
