"""Every command by name. What a command works with is imported only when it runs."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Callable, Sequence
from typing import NoReturn

from cyclopts import App
from rich.text import Text

from tallystick.cli import (
    advising,
    balances,
    billing,
    books,
    cash_review,
    cashing,
    closing,
    comparing,
    demo,
    dunning,
    giving_up,
    holding,
    holes,
    linking,
    paying_back,
    planning,
    profit_story,
    profiting,
    reconciling,
    recounting,
    running,
    seeing,
    sending,
    serving,
    setup,
    simulating,
    start,
    syncing,
    verifying,
    working,
    writing_off,
)
from tallystick.cli.failures import misused, sentence

Command = Callable[..., int | None]
COLLECTED_AFTER = 500_000
"""New objects after which cycles are looked for. A command makes many objects and hardly a cycle;
looking after every 700 takes a sixth of the time of a short one, which makes 150,000 in all."""

COMMANDS: dict[str, Command] = {
    "demo": demo.demo,
    "init": start.init,
    "check": setup.check,
    "sync": syncing.sync,
    "run": running.run,
    "serve": serving.serve,
    "worker": serving.worker,
    "work": working.work,
    "status": syncing.status,
    "quarantine": syncing.quarantine,
    "profit": profiting.profit,
    "advise": advising.advise,
    "balance": balances.balance,
    "verify": verifying.verify,
    "hold": holding.hold,
}
BILL: dict[str, Command] = {
    "run": running.bill_run,
    "propose": billing.propose,
    "review": billing.review,
    "approve": billing.approve,
    "issue": billing.issue,
    "post": billing.post,
    "write-down": giving_up.write_down,
    "void": giving_up.void,
    "holes": holes.holes,
    "send": sending.send,
    "simulate": simulating.simulate,
    "list": billing.list_invoices,
}
CASH: dict[str, Command] = {
    "show": cashing.show,
    "collect": cashing.collect,
    "settle": cashing.settle,
    "refund": paying_back.refund,
    "page": paying_back.page,
    "resolve": paying_back.resolve,
    "release": holding.release,
    "plan": planning.plan,
    "write-off": writing_off.ask,
    "dunning": dunning.dunning,
    "escalations": holding.escalations,
    "log": holding.log,
}
CASH_REVIEW: dict[str, Command] = {
    "list": cash_review.show,
    "accept": cash_review.accept,
    "place": cash_review.place,
    "reject": cash_review.reject,
}
WRITE_OFFS: dict[str, Command] = {
    "list": writing_off.show,
    "approve": writing_off.approve,
    "refuse": writing_off.refuse,
}
BOOKS: dict[str, Command] = {
    "trial-balance": books.trial_balance,
    "ageing": books.ageing,
    "compare": comparing.compare,
    "deferred": books.deferred,
    "export": books.export,
    "rebuild": profiting.rebuild,
    "close": closing.close,
    "reopen": closing.reopen,
    "periods": closing.periods,
    "anchor": verifying.anchor,
}
LINKS: dict[str, Command] = {
    "show": linking.show,
    "same": linking.same,
    "apart": linking.apart,
}
PLUGIN: dict[str, Command] = {
    "list": setup.plugin_list,
    "show": setup.plugin_show,
    "new": setup.plugin_new,
}
EXPLAIN: dict[str, Command] = {
    "booking": seeing.explain_booking,
    "invoice": seeing.explain_invoice,
    "profit": profit_story.explain_profit,
}


def _version() -> str:
    from importlib.metadata import version

    return version("tallystick")


app = App(
    name="tallystick",
    help="From service work to collected, reconciled cash. Every figure explained.\n\n"
    "New here? `tallystick demo` plays a quarter of a made-up MSP in a minute.",
    version=_version,
    suppress_keyboard_interrupt=False,
    error_formatter=lambda error: Text(misused(error)),
)


def _register(into: App, commands: dict[str, Command]) -> None:
    for command_name, command in commands.items():
        into.command(command, name=command_name, sort_key=len(list(into)))


def _group(
    name: str,
    about: str,
    commands: dict[str, Command],
    alone: str | None = None,
    under: App = app,
) -> App:
    """Commands under one word; the word alone runs the command `alone`, or lists them."""
    group = App(name=name, help=about, sort_key=len(list(under)))
    _register(group, commands)
    if alone:
        group.default(commands[alone])
    under.command(group)
    return group


_register(app, COMMANDS)
_group("bill", "The invoice cycle; alone it lists the invoices.", BILL, "list")
cash = _group("cash", "Collection and settlement; alone it shows where the money is.", CASH, "show")
_group("review", "Money nobody can place for sure; alone it lists it.", CASH_REVIEW, "list", cash)
_group("write-offs", "What is written off; alone it lists it.", WRITE_OFFS, "list", cash)
_group("books", "The journal and its reports, and the closing of periods.", BOOKS)
_group(
    "reconcile",
    "What contracts count against what there is.",
    {
        "assets": reconciling.assets,
        "counts": recounting.counts,
        "approve": recounting.approve,
        "refuse": recounting.refuse,
    },
    "assets",
)
_group("explain", "Why a figure is what it is.", EXPLAIN)
_group("links", "Which records are the same; alone it lists what was joined.", LINKS, "show")
_group("mapping", "Field mappings.", {"check": setup.mapping_check})
_group("plugin", "Connectors; alone it lists them.", PLUGIN, "list")
_group("db", "The database.", {"upgrade": setup.db_upgrade})


def main(argv: Sequence[str] | None = None) -> NoReturn:
    """Run one command. Exit 0: done, 1: it says what is wrong, 2: not a command line we know."""
    gc.set_threshold(COLLECTED_AFTER, *gc.get_threshold()[1:])
    try:
        code = app(argv)
    except KeyboardInterrupt:
        print("Stopped. What was committed stays; run it again to go on.", file=sys.stderr)
        sys.exit(130)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except Exception as error:
        if os.environ.get("TALLYSTICK_DEBUG"):
            raise
        print(sentence(error), file=sys.stderr)
        sys.exit(1)
    sys.exit(code if isinstance(code, int) else 0)
