"""Dunning: reminders of what is overdue, each step of each invoice once.

    read what is overdue ─▶ steps due (pure) ─▶ letters ─▶ noted in one transaction ─▶ sent

What is noted and then lost on its way is never sent again by itself: a mail server cannot be
asked. Before a letter is noted it is looked at again, so a payment that came meanwhile stops it.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, date, datetime, timedelta
from email.message import EmailMessage
from email.utils import formataddr
from typing import Final

from tallystick.billing.windows import cut
from tallystick.cash.telling.overdue import Dunned, DunningReport, DunningTerms, read_due
from tallystick.delivery import Mailer
from tallystick.errors import Retry, SkipRecord
from tallystick.period import local_date
from tallystick.store.billing import outbound
from tallystick.store.cash import reminders
from tallystick.store.database import Database
from tallystick.store.turn import take_turn

ON_ITS_WAY: Final = timedelta(days=1)
"""Longer than anybody is at handing over a letter."""
UNSURE: Final = (
    "Reminder {key} was on its way when its process ended: it may have arrived or not, so it is "
    "not sent again. Ask the client."
)


def due_letters(database: Database, terms: DunningTerms, today: date) -> DunningReport:
    """What would be sent today, whatever the hour."""
    with database.read() as connection:
        return read_due(connection, terms, today)


def send_letters(
    database: Database,
    terms: DunningTerms,
    opens: Callable[[], AbstractContextManager[Mailer]],
    now: Callable[[], datetime],
    progress: Callable[[int], None],
) -> DunningReport:
    """Send what is due, if it is a time for letters; `opens` the mail server when there is one."""
    report = due_letters(database, terms, local_date(now(), terms.zone))
    report.held += _left_behind(database, now())
    waiting, report.letters = report.letters, []
    report.quiet = not is_time(now(), terms)
    if report.quiet or not waiting:
        return report
    with opens() as mailer:
        for one in waiting:
            if _intend(database, one, terms, now):
                _send(database, one, terms, mailer, now, report)
            progress(1)
    return report


def _send(
    database: Database,
    one: Dunned,
    terms: DunningTerms,
    mailer: Mailer,
    now: Callable[[], datetime],
    report: DunningReport,
) -> None:
    try:
        mailer.send(message(one, terms, local_date(now(), terms.zone)))
    except (Retry, SkipRecord) as error:
        state = "refused" if isinstance(error, SkipRecord) else "unknown"
        _note(database, one, state, now(), str(error))
        report.held.append((one.client, str(error)))
    else:
        _note(database, one, "confirmed", now(), _told(one))
        report.letters.append(one)


def _left_behind(database: Database, now: datetime) -> list[tuple[str, str]]:
    """Note of letters whose process ended that nobody knows what became of them, as of the day
    they went; each with the sentence."""
    before = now - ON_ITS_WAY
    with database.read() as connection:
        if not reminders.left_behind(connection, before):
            return []
    with database.write() as connection:
        take_turn(connection, reminders.KIND)
        found = reminders.left_behind(connection, before)
        for key, at in found.items():
            given = (reminders.TARGET, reminders.KIND, key, "unknown", at)
            outbound.change(connection, *given, reason=UNSURE.format(key=key))
    return [(key.rpartition(":")[0], UNSURE.format(key=key)) for key in found]


def is_time(now: datetime, terms: DunningTerms) -> bool:
    """Whether letters may go out now where the MSP is."""
    return cut(now.astimezone(UTC), 1, terms.letters, terms.zone)[0][2]


def message(one: Dunned, terms: DunningTerms, today: date) -> EmailMessage:
    """The mail as it goes out."""
    composed = EmailMessage()
    composed["From"] = formataddr((terms.sender_name, terms.sender))
    composed["To"] = one.letter.to
    if terms.copy_to:
        composed["Bcc"] = terms.copy_to
    composed["Subject"] = one.letter.subject
    number, ordinal = next(iter(one.steps.items()))
    domain = terms.sender.partition("@")[2]
    composed["Message-ID"] = f"<dunning.{number}.{ordinal}.{today:%Y%m%d}@{domain}>"
    composed.set_content(one.letter.text)
    return composed


def _intend(
    database: Database, one: Dunned, terms: DunningTerms, now: Callable[[], datetime]
) -> bool:
    """Note that it goes out; False when another process was first, or it is not due any more."""
    with database.write() as connection:
        take_turn(connection, reminders.KIND)
        at = now()
        still = read_due(connection, terms, local_date(at, terms.zone)).letters
        if one not in still:
            return False
        return reminders.intend(connection, one.steps, at)


def _note(database: Database, one: Dunned, state: str, now: datetime, reason: str) -> None:
    with database.write() as connection:
        reminders.note(connection, one.steps, state, now, reason)


def _told(one: Dunned) -> str:
    claimed = [f"fee {one.fee}"] if one.fee else []
    claimed += [f"interest {one.interest}"] if one.interest else []
    return ", ".join([f"to {one.letter.to}", *claimed])
