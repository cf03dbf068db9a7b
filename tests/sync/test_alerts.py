"""The config of docs/alerts.md, run: problems of a Zabbix become tickets of a Redmine, one each."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from pytest_httpx import HTTPXMock
from tests.redmine import service as redmine
from tests.zabbix import service as zabbix

from tallystick.engine.flow_plan import FlowReport
from tallystick.engine.inbound import sync
from tallystick.engine.installation import Installation, open_installation
from tallystick.engine.progress import Quiet

GUIDE = Path(__file__).parents[2] / "docs" / "alerts.md"
NOON = datetime(2026, 10, 1, 12, tzinfo=UTC)
GIVEN = {"REDMINE_KEY": redmine.KEY, "ZABBIX_TOKEN": zabbix.TOKEN}


def block(kind: str) -> str:
    [found] = re.findall(rf"```toml {kind}\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
    return str(found)


@dataclass
class Shop:
    installation: Installation
    watch: zabbix.Zabbix
    desk: redmine.Redmine
    clock: list[datetime]

    def sync(self) -> FlowReport:
        [report] = sync(self.installation, Quiet()).flows
        assert report.problems == []
        return report

    def problem(self, number: int, after_minutes: int) -> None:
        at = str(int((NOON + timedelta(minutes=after_minutes)).timestamp()))
        self.watch.problems.append({**self.watch._problem(number), "clock": at})

    def over(self, number: int, after_minutes: int) -> None:
        at = int((NOON + timedelta(minutes=after_minutes)).timestamp())
        self.watch.solve(number, str(at))

    @property
    def tickets(self) -> list[tuple[str, int, int]]:
        """Title, project and status of what was made."""
        made = [one for one in self.desk.issues if one["tracker"]["id"] == 3][1:]
        return [(one["subject"], int(one["project"]["id"]), one["status"]["id"]) for one in made]


@pytest.fixture
def shop(
    tmp_path: Path, migrated: Path, monkeypatch: pytest.MonkeyPatch, httpx_mock: HTTPXMock
) -> Iterator[Shop]:
    watch, desk = zabbix.Zabbix(problems=0), redmine.Redmine(entries=0)
    monkeypatch.setattr("tallystick.transport.client.Guarded", lambda *_: httpx.HTTPTransport())
    for host, service in (("zabbix", watch), ("redmine", desk)):
        httpx_mock.add_callback(
            service.handle_request,
            url=re.compile(rf"https://{host}\.example\.com/.*"),
            is_reusable=True,
        )
    (tmp_path / "tallystick.toml").write_text(block("config"), encoding="utf-8")
    (tmp_path / "desk.toml").write_text(block(r"desk\.toml"), encoding="utf-8")
    shutil.copy(migrated, tmp_path / "tallystick.db")
    clock, path = [NOON], tmp_path / "tallystick.toml"
    with open_installation(path, lambda: clock[-1], environ=GIVEN) as opened:
        yield Shop(opened, watch, desk, clock)


FULL = "PC-10000: Disk C: is full"


def test_a_problem_becomes_one_ticket_of_its_devices_client(shop: Shop) -> None:
    shop.problem(1, 0)
    assert shop.sync().created == 1
    assert shop.tickets == [(FULL, 1, 1)]
    again = shop.sync()
    assert (again.created, again.updated, again.joining) == (0, 0, {})


def test_a_problem_that_flaps_while_its_ticket_is_open_makes_no_second(shop: Shop) -> None:
    shop.problem(1, 0)
    shop.sync()
    for number in range(2, 6):
        shop.over(number - 1, 10 * number)
        shop.problem(number, 10 * number + 1)
        shop.clock.append(NOON + timedelta(minutes=10 * number + 2))
        assert shop.sync().created == 0
    assert shop.tickets == [(FULL, 1, 1)]
    shop.over(5, 90)
    assert shop.sync().updated == 1
    assert shop.tickets == [(FULL, 1, 5)]
    assert shop.sync().steps == []


def test_it_is_opened_again_within_the_hour_and_made_anew_later(shop: Shop) -> None:
    shop.problem(1, -60)
    shop.sync()
    shop.over(1, 0)
    shop.sync()
    assert shop.tickets == [(FULL, 1, 5)]
    shop.problem(2, 59)
    shop.clock.append(NOON + timedelta(minutes=59))
    report = shop.sync()
    assert (report.created, report.updated) == (0, 1)
    assert shop.tickets == [(FULL, 1, 1)]
    shop.over(2, 60)
    shop.sync()
    shop.problem(3, 61)
    shop.sync()
    assert shop.tickets == [(FULL, 1, 5), (FULL, 1, 1)]


def test_a_technicians_word_stays(shop: Shop) -> None:
    shop.problem(1, 0)
    shop.sync()
    shop.desk.change(3, {"status_id": 2})
    shop.sync()
    shop.over(1, 5)
    assert shop.sync().steps == []
    assert shop.tickets == [(FULL, 1, 2)]


def test_what_was_over_before_makes_no_ticket(shop: Shop) -> None:
    for number in range(1, 6):
        shop.problem(number, number)
        shop.over(number, number + 1)
    assert shop.sync().created == 0
    assert shop.tickets == []


def test_a_problem_of_nobodys_device_is_told_and_makes_no_ticket(shop: Shop) -> None:
    shop.watch.hosts[0]["groups"] = shop.watch.groups[:1]
    shop.problem(1, 0)
    [report] = sync(shop.installation, Quiet()).flows
    assert "It names no client, and neither does its device." in str(report.problems[0])
    assert shop.tickets == []


def test_an_answer_that_was_lost_makes_no_second_ticket(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tallystick.transport.repeating.sleep", lambda _: None)
    shop.problem(1, 0)
    lost: list[str] = []
    original = shop.desk.answer

    def answer(method: str, *rest: object) -> object:
        found = original(method, *rest)  # type: ignore[arg-type]  # handed on as it came
        if method == "POST" and not lost:
            lost.append(method)
            raise httpx.ReadTimeout("no answer")
        return found

    monkeypatch.setattr(shop.desk, "answer", answer)
    [report] = sync(shop.installation, Quiet()).flows
    assert report.created == 0 and "did not answer" in str(report.problems[0])
    shop.sync()
    assert shop.tickets == [(FULL, 1, 1)]
    assert shop.sync().steps == []
