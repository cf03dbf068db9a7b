"""A small MSP, seeded through the APIs of its tools: its clients with tickets and hours, devices
and cards, and the configuration that connects them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from .conftest import CARDS, card

if TYPE_CHECKING:
    from .quartet import Quartet

MONTH = "2026-10"
CLIENTS = {
    "Acme Dental GmbH": ("ACME Dental", "pays", ["PC-1", "PC-2"], ["1.25", "1.25"]),
    "Borg Bakery": ("Borg Bakery", "pays", ["TILL-1"], ["0.5"]),
    "Cliff Lawyers": ("Cliff Lawyers", "declines", ["LAP-1", "LAP-2", "LAP-3"], []),
}
"""By their name at the desk: the name in monitoring, the card, the devices, the hours."""
ADOPTED = "Borg Bakery"
"""Accounting knows this one before anything is posted."""
NAS = "NAS-1"
"""A device of the first client that no contract line counts."""
CONFIG = """
[msp]
name = "Nordlicht IT"
country = "DE"
zone = "Europe/Berlin"
street = "Kai 1"
postcode = "20095"
city = "Hamburg"
vat_id = "DE100002026"
[[tax]]
category = "standard"
percent = "19"
[approval]
standing_limit = "1"
first_run_hold = false
deviation_percent = "100000"
[collection]
on = "issue"
[accounts]
receivable = "1.2.1"
deferred = "2.2.2"
fees = "5.2.2"
fixed = "4.1.2"
per_unit = "4.2.2"
time = "4.1.2"
bank = {{ cards = "1.1.3" }}
[[rate_card]]
name = "standard"
currency = "EUR"
[[rate_card.rate]]
hourly = "100"
[connection.desk]
connector = "redmine"
home = ["client", "technician", "ticket", "booking"]
mapping = "redmine.toml"
allow_private = true
invoice_status = true
[connection.desk.settings]
url = "{redmine.url}"
key = "env:REDMINE_KEY"
asset_tracker = {redmine.device}
ticket_tracker = {redmine.support}
invoice_tracker = {redmine.invoices}
key_field = {redmine.key_field}
[connection.watch]
connector = "zabbix"
home = ["asset"]
allow_private = true
[connection.watch.settings]
url = "{zabbix.url}"
token = "env:ZABBIX_TOKEN"
[connection.sales]
connector = "files"
home = ["contract", "contract_line"]
settings = {{ folder = "sales" }}
[connection.books]
connector = "tryton"
allow_private = true
[connection.books.settings]
url = "{tryton.url}"
database = "tryton"
key = "env:TRYTON_KEY"
user = "admin"
password = "env:TRYTON_PASSWORD"
taxes = {{ standard = "19% VAT" }}
[connection.cards]
connector = "stripe"
home = ["mandate"]
allow_private = true
[connection.cards.settings]
key = "env:STRIPE_KEY"
webhook_secret = "env:STRIPE_HOOK"
base_url = "{stripe}"
[serve]
port = {port}
[[flow]]
record = "asset"
from = "watch"
to = "desk"
fields = ["name", "client", "serial"]
"""
MAPPING = """
[asset]
serial = "custom_fields[id={serial}].value"
"""


def seed(msp: Quartet) -> None:
    """The clients with their tickets and hours, devices and cards."""
    activities = msp.redmine.ask("GET", "/enumerations/time_entry_activities.json")
    activity = activities["time_entry_activities"][0]["id"]
    for name, (group, pays, devices, hours) in CLIENTS.items():
        project = {"name": name, "identifier": name.lower().replace(" ", "-")}
        made = msp.redmine.ask("POST", "/projects.json", {"project": project})["project"]["id"]
        told = {"project_id": made, "tracker_id": msp.redmine.support, "subject": "Printer"}
        ticket = msp.redmine.ask("POST", "/issues.json", {"issue": told})["issue"]["id"]
        for day, spent in enumerate(hours, 5):
            work = {"issue_id": ticket, "hours": spent, "activity_id": activity}
            work["spent_on"] = f"{MONTH}-{day:02}"
            msp.redmine.ask("POST", "/time_entries.json", {"time_entry": work})
        _monitor(msp, group, devices + ([NAS] if "PC-1" in devices else []))
        customer = msp.charge("/v1/customers", name=name)["id"]
        method = msp.charge("/v1/payment_methods", **card(CARDS[pays]))["id"]
        msp.charge(f"/v1/payment_methods/{method}/attach", customer=customer)
    msp.tryton.make("party.party", {"name": ADOPTED, "code": "10042"})


def _monitor(msp: Quartet, group: str, devices: list[str]) -> None:
    ref = msp.zabbix.call("hostgroup.create", name=f"Clients/{group}")["groupids"][0]
    for name in devices:
        msp.zabbix.call(
            "host.create",
            host=name.lower(),
            name=name,
            groups=[{"groupid": ref}],
            tags=[{"tag": "type", "value": "storage" if name == NAS else "workstation"}],
            inventory_mode=0,
            inventory={"serialno_a": f"SER-{name}"},
        )


def write(msp: Quartet) -> None:
    """The configuration, and the contracts: the desk has none, so they come from files."""
    text = CONFIG.format(**vars(msp))
    (msp.folder / "tallystick.toml").write_text(text, encoding="utf-8")
    mapping = MAPPING.format(serial=msp.redmine.serial)
    (msp.folder / "redmine.toml").write_text(mapping, encoding="utf-8")
    since = {"currency": "EUR", "starts_on": f"{MONTH}-01"}
    devices = {"unit_price": "25", "asset_types": ["workstation"]}
    sold = (
        ("fee", "Care", "fixed", {"unit_price": "49.90"}),
        ("devices", "Workplaces", "per_unit", devices),
        ("work", "Work", "time_and_materials", {"rate_card": "standard"}),
    )
    rows: dict[str, list[Any]] = {"clients": [], "contracts": [], "contract_lines": []}
    for number, name in enumerate(CLIENTS, 1):
        rows["clients"].append({"id": f"K{number}", "name": name})
        contract = {"id": f"C{number}", "client": f"K{number}", "name": "Care", **since}
        rows["contracts"].append(contract)
        for line, said, model, terms in sold:
            made = {"id": f"C{number}-{line}", "contract": f"C{number}", "model": model}
            rows["contract_lines"].append({**made, "description": said, "terms": terms})
    (msp.folder / "sales").mkdir()
    for name, found in rows.items():
        lines = "".join(json.dumps(one) + "\n" for one in found)
        (msp.folder / "sales" / f"{name}.jsonl").write_text(lines, encoding="utf-8")
