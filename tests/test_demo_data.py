"""The sample MSP: it is what it says it is, every time, and its files can be read."""

from __future__ import annotations

import csv
import hashlib
import subprocess
import sys
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tallystick.billing.models import SHIPPED
from tallystick.config.load import load_config
from tallystick.connector import Context, Pulled
from tallystick.demo import MONTHS, awkward, clients, devices, write_exports, write_project
from tallystick.demo.agreements import ENDS_MID_MONTH, STARTS_MID_MONTH
from tallystick.demo.generate import sample
from tallystick.mapping import MappingFile, check_mapping, load_mapping
from tallystick.period import Period
from tallystick.records import KINDS
from tallystick.sync.border import admit
from tallystick_files.session import FilesSession
from tallystick_files.settings import FilesSettings

JULY, AUGUST, SEPTEMBER = MONTHS
BERLIN = ZoneInfo("Europe/Berlin")
Records = Mapping[str, Mapping[str, Any]]
"""By kind (`rmm client` for the copies), then by id."""


@pytest.fixture(scope="module")
def months(tmp_path_factory: pytest.TempPathFactory) -> Mapping[Period, Records]:
    """What a sync after each month's end would see, through the real connector and mappings."""
    return {month: load(tmp_path_factory.mktemp(str(month)), month) for month in MONTHS}


def load(folder: Path, through: Period) -> Records:
    write_project(folder)
    write_exports(folder, through)
    config = load_config(folder / "tallystick.toml", {})
    found: dict[str, dict[str, Any]] = {}
    for name in ("psa", "rmm"):
        connection = config.connection[name]
        settings = FilesSettings(**connection.settings)
        session = FilesSession(settings, Context(name, folder, lambda: datetime.now(UTC)))
        assert connection.mapping is not None
        file = MappingFile(str(connection.mapping), (folder / connection.mapping).read_text())
        mappings = load_mapping([file])
        assert set(mappings) == set(settings.files)
        rows: dict[str, list[Any]] = {}
        for kind in settings.files:
            pulled = list(session.pull(kind, None))[:-1]
            assert all(isinstance(row, Pulled) for row in pulled)
            rows[kind] = [row.raw for row in pulled if isinstance(row, Pulled)]
            records = (admit(kind, KINDS[kind], mappings[kind].read(r), BERLIN) for r in rows[kind])
            key = kind if kind in connection.home else f"{name} {kind}"
            found[key] = {record.id: record for record in records}
            assert len(found[key]) == len(rows[kind]), "an id twice"
        assert check_mapping([file], rows) == []
    return found


# --- the same bytes, always ---------------------------------------------------------------

WRITE = """
import hashlib, sys
from pathlib import Path
from tallystick.demo import MONTHS, write_exports, write_project

folder = Path(sys.argv[1])
write_project(folder)
for month in MONTHS:
    write_exports(folder, month)
    for path in sorted(folder.rglob("*.*")):
        print(path.relative_to(folder), hashlib.sha256(path.read_bytes()).hexdigest())
"""


def test_two_processes_write_the_same_bytes(tmp_path: Path) -> None:
    seen = set()
    for seed in ("1", "2"):
        environ = {"PYTHONPATH": ":".join(filter(None, sys.path)), "PYTHONHASHSEED": seed}
        environ |= {"TZ": "Pacific/Auckland" if seed == "2" else "UTC"}
        command = [sys.executable, "-c", WRITE, str(tmp_path / seed)]
        run = subprocess.run(command, env=environ, capture_output=True, text=True, check=True)
        seen.add(run.stdout)
    assert len(seen) == 1
    assert seen.pop().count("\n") == 51, "17 files, three times"


def test_the_project_files_are_copied_as_they_are_shipped(tmp_path: Path) -> None:
    write_project(tmp_path)
    shipped = Path(sys.modules["tallystick.demo"].__file__ or "").parent
    for name in ("tallystick.toml", "mappings/psa.toml", "mappings/rmm.toml", "logo.svg"):
        assert (tmp_path / name).read_bytes() == (shipped / name).read_bytes()
    assert (tmp_path / "exports" / "bank").is_dir()


def test_a_months_files_replace_the_ones_before_and_only_then(tmp_path: Path) -> None:
    write_exports(tmp_path, JULY)
    first = digest(tmp_path)
    write_exports(tmp_path, AUGUST)
    assert digest(tmp_path) != first
    write_exports(tmp_path, JULY)
    assert digest(tmp_path) == first


def digest(folder: Path) -> str:
    content = [path.read_bytes() for path in sorted(folder.rglob("*.csv"))]
    return hashlib.sha256(b"".join(content)).hexdigest()


# --- how much there is, and that it hangs together ----------------------------------------


def test_the_size_of_the_sample(months: Mapping[Period, Records]) -> None:
    end = months[SEPTEMBER]
    assert len(end["client"]) == 14
    assert len(end["technician"]) == 7
    assert len({one.role for one in end["technician"].values()}) == 3
    assert 140 <= len(end["asset"]) <= 170
    assert 850 <= len(end["ticket"]) <= 950
    assert 2_350 <= len(end["booking"]) <= 2_650
    currencies = Counter(one.currency for one in end["contract"].values())
    assert set(currencies) == {"EUR", "CHF"}
    assert {one.country for one in end["client"].values()} == {"DE", "AT", "NL", "FR", "CH", "NZ"}


def test_every_charge_model_is_sold_and_every_line_fits_its_own(
    months: Mapping[Period, Records],
) -> None:
    known = months[SEPTEMBER]
    lines = known["contract_line"].values()
    assert {line.model for line in lines} == set(SHIPPED)
    for line in lines:
        SHIPPED[line.model].read_terms(line, known["contract"][line.contract])


def test_terms_of_many_kinds_are_sold(months: Mapping[Period, Records]) -> None:
    sold = {term for line in months[SEPTEMBER]["contract_line"].values() for term in line.terms}
    assert sold >= {
        *("timing", "steps", "uplift", "tiers", "covers", "counted", "count_of"),
        *("markup_percent", "top_up", "weights", "milestones", "of", "minimum"),
    }
    assert [one.po_number for one in months[JULY]["contract"].values() if one.po_amount]


def test_an_upgrade_is_not_known_before_it_is_agreed(months: Mapping[Period, Records]) -> None:
    assert "steps" not in months[AUGUST]["contract_line"]["AA-1001-4"].terms
    [step] = months[SEPTEMBER]["contract_line"]["AA-1001-4"].terms["steps"]
    assert (step["since"], step["quantity"]) == (date(2026, 9, 10), 34)


def test_the_config_names_every_rate_card_tax_category_and_work_type(
    tmp_path: Path, months: Mapping[Period, Records]
) -> None:
    write_project(tmp_path)
    config = load_config(tmp_path / "tallystick.toml", {})
    end = months[SEPTEMBER]
    cards = {
        line.terms["rate_card"]
        for line in end["contract_line"].values()
        if "rate_card" in line.terms
    }
    assert cards == {card.name for card in config.rate_card}
    assert {one.tax_category for one in end["client"].values()} == {t.category for t in config.tax}
    priced = {name for card in config.rate_card for rate in card.rate for name in rate.work_type}
    assert priced <= {one.work_type for one in end["booking"].values()}


@pytest.mark.parametrize("month", MONTHS, ids=str)
def test_every_reference_leads_somewhere(months: Mapping[Period, Records], month: Period) -> None:
    known = months[month]
    for kind in ("booking", "ticket", "contract", "contract_line", "mandate", "cost_rate"):
        for record in known[kind].values():
            for field in ("client", "contract", "ticket", "technician"):
                ref = getattr(record, field, None)
                assert ref is None or ref in known[field], (kind, record.id, field)
    assert {one.client for one in known["asset"].values()} <= set(known["rmm client"])


def test_nobody_works_twice_at_once_or_before_the_ticket_is_open() -> None:
    entries = sorted(sample().entries, key=lambda one: (one.technician, one.start.astimezone(UTC)))
    for before, after in pairwise(entries):
        assert before.technician != after.technician or before.end <= after.start
    opened = {ticket.id: ticket.opened for ticket in sample().tickets}
    assert all(opened[one.ticket] <= one.start < one.end <= one.entered for one in entries)


def test_all_work_lies_within_its_contract_except_for_the_client_without_one(
    months: Mapping[Period, Records],
) -> None:
    known = months[SEPTEMBER]
    for one in known["booking"].values():
        if one.client == clients.NO_CONTRACT:
            assert one.contract is None
        else:
            contract = known["contract"][one.contract]
            assert contract.client == one.client
            assert contract.starts_on <= one.work_date < (contract.ends_on or date.max), one


def test_the_example_ibans_have_the_right_check_digits() -> None:
    for mandate in clients.MANDATES:
        turned = mandate.iban[4:] + mandate.iban[:4]
        assert int("".join(str(int(char, 36)) for char in turned)) % 97 == 1, mandate
    assert len({mandate.iban for mandate in clients.MANDATES}) == len(clients.MANDATES) == 9


# --- month by month -----------------------------------------------------------------------


def test_an_export_holds_what_was_known_by_then_and_no_more(
    months: Mapping[Period, Records],
) -> None:
    for month in MONTHS:
        end = datetime(month.end.year, month.end.month, 1, tzinfo=BERLIN)
        for booking in months[month]["booking"].values():
            assert booking.ended_at < end
        for ticket in months[month]["ticket"].values():
            instants = (ticket.opened_at, ticket.resolved_at, ticket.closed_at, ticket.updated_at)
            assert all(at is None or at < end for at in instants)
    for before, after in ((JULY, AUGUST), (AUGUST, SEPTEMBER)):
        for kind in months[before]:
            assert set(months[before][kind]) <= set(months[after][kind])
            assert months[before]["booking"].items() <= months[after]["booking"].items()


def test_tickets_left_open_in_july_are_closed_later_as_a_newer_version(
    months: Mapping[Period, Records],
) -> None:
    then, now = months[JULY]["ticket"], months[AUGUST]["ticket"]
    still_open = [one for one in then.values() if one.closed_at is None]
    assert still_open
    for one in still_open:
        if now[one.id] != one:
            assert now[one.id].updated_at > one.updated_at


def test_the_late_booking_is_july_work_that_september_brings(
    months: Mapping[Period, Records],
) -> None:
    assert awkward.LATE not in months[AUGUST]["booking"]
    late = months[SEPTEMBER]["booking"][awkward.LATE]
    assert (late.work_date, late.seconds) == (date(2026, 7, 22), 9_000)
    assert late.billable == "billable"


# --- awkward on purpose -------------------------------------------------------------------


def test_work_over_midnight_and_over_a_clock_change_counts_true_hours(
    months: Mapping[Period, Records],
) -> None:
    bookings = months[SEPTEMBER]["booking"]
    night = bookings[awkward.OVER_MIDNIGHT]
    assert (night.work_date, night.seconds) == (date(2026, 8, 13), 2 * 3600 + 45 * 60)
    spring = bookings[awkward.OVER_DST]
    assert spring.seconds == 2 * 3600
    assert spring.started_at.isoformat() == "2026-09-26T13:30:00+00:00"


def test_the_clock_change_is_exported_as_two_offsets(tmp_path: Path) -> None:
    write_exports(tmp_path, SEPTEMBER)
    with (tmp_path / "exports" / "psa" / "time_entries.csv").open(encoding="utf-8") as file:
        rows = {row["Time Entry Id"]: row for row in csv.DictReader(file)}
    entry = rows[awkward.OVER_DST]
    assert entry["Start"] == "2026-09-27T01:30:00+12:00"
    assert entry["End"] == "2026-09-27T04:30:00+13:00"


def test_contracts_start_and_end_inside_a_month(months: Mapping[Period, Records]) -> None:
    contracts = months[SEPTEMBER]["contract"]
    assert contracts[STARTS_MID_MONTH].starts_on == date(2026, 7, 15)
    assert contracts[ENDS_MID_MONTH].ends_on == date(2026, 8, 20)
    assert months[JULY]["contract"][ENDS_MID_MONTH].ends_on is None, "not known in July"


def test_device_counts_change_inside_the_quarter(months: Mapping[Period, Records]) -> None:
    def counted(site: str, kind: str, month: Period) -> int:
        return sum(
            (one.client, one.type) == (site, kind)
            and one.active_from <= month.last_day < (one.retired_on or date.max)
            for one in months[month]["asset"].values()
        )

    assert [counted("S-02", "workstation", month) for month in MONTHS] == [15, 16, 16]
    assert [counted("S-02", "server", month) for month in MONTHS] == [5, 5, 4]
    assert [counted("S-10", "workstation", month) for month in MONTHS] == [8, 9, 9]
    assert [counted("S-10", "laptop", month) for month in MONTHS] == [1, 1, 1]


def test_a_block_of_hours_is_overdrawn_every_month(months: Mapping[Period, Records]) -> None:
    hours: Counter[Period] = Counter()
    for one in months[SEPTEMBER]["booking"].values():
        for month in MONTHS:
            if one.client == "1003" and one.billable == "billable" and month.covers(one.work_date):
                hours[month] += one.seconds
    assert all(hours[month] > 40 * 3600 for month in MONTHS)


def test_two_machines_share_a_serial_that_says_nothing(months: Mapping[Period, Records]) -> None:
    serials = Counter(one.serial for one in months[JULY]["asset"].values())
    assert [serial for serial, times in serials.items() if times > 1] == [devices.BOGUS_SERIAL]
    assert serials[devices.BOGUS_SERIAL] == 2


def test_one_site_is_unknown_and_one_client_has_devices_but_no_contract(
    months: Mapping[Period, Records],
) -> None:
    known = months[JULY]
    numbers = {one.customer_number: one.id for one in known["client"].values()}
    sites = {one.id: numbers.get(one.customer_number) for one in known["rmm client"].values()}
    assert [site for site, client in sites.items() if client is None] == [devices.UNKNOWN_SITE]
    contracted = {one.client for one in known["contract"].values()}
    uncontracted = {one for one in sites.values() if one and one not in contracted}
    assert uncontracted == {clients.NO_CONTRACT}
    watched = {sites[one.client] for one in known["asset"].values()}
    assert watched == {*numbers.values(), None}


def test_cost_rates_change_inside_the_quarter(months: Mapping[Period, Records]) -> None:
    rates = months[SEPTEMBER]["cost_rate"].values()
    changed = {one.technician for one in rates if one.valid_from > JULY.start}
    assert len(changed) >= 2
    assert any(one.valid_from.day != 1 for one in rates if one.technician in changed)


def test_technicians_work_in_their_own_time_zone() -> None:
    offsets = {one.start.utcoffset() for one in sample().entries if one.technician == "T07"}
    assert offsets == {timedelta(hours=12), timedelta(hours=13)}
