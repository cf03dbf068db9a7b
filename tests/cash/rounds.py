"""Rounds over all whose time has come, as the engine makes them one by one."""

from __future__ import annotations

from tallystick.cash.collecting.round import Round
from tallystick.cash.listening.events import process_event
from tallystick.cash.listening.page_life import refresh_page
from tallystick.cash.repaying.repaying import refresh_refund
from tallystick.store.cash import events, pages, refunds


def refresh_refunds(asking: Round) -> None:
    with asking.database.read() as connection:
        keys = [row.key for row in refunds.to_ask(connection, asking.now())]
    for key in keys:
        refresh_refund(asking, key)


def refresh_pages(asking: Round) -> None:
    with asking.database.read() as connection:
        keys = [row.key for row in pages.to_ask(connection, asking.now())]
    for key in keys:
        refresh_page(asking, key)


def process_events(asking: Round) -> None:
    with asking.database.read() as connection:
        due = events.to_process(connection, asking.now())
    for row in due:
        process_event(asking, row.connection, row.id)
