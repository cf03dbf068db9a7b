"""`serve` and `worker`: what goes on by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from tallystick.cli.options import COMMON, Common

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


def serve(*, common: Common = COMMON) -> None:
    """Do by itself whatever is due, for ever.

    Posts what is issued, does what [[schedule]] asks for when it asks for it, and receives the
    events of payment providers on [serve]. Ends after the step it is at when told to (SIGTERM,
    Ctrl-C); killed, it goes on where it stopped when started again. What it did and what failed
    goes to stderr; `/health` answers whether it works.
    """
    from tallystick.engine.receiving import receive
    from tallystick.engine.serve import Health, Signals
    from tallystick.engine.serve import serve as loop
    from tallystick.web.listening import listening, require_server

    require_server()
    log_to_stderr()
    from tallystick.web.receiver import application

    with common.installation() as installation:
        signals, health = Signals(), Health(installation.now())
        ends_by(signals.end)

        def take(connection: str, headers: Mapping[str, str], body: bytes) -> None:
            receive(installation, connection, headers, body)
            signals.wake.set()

        web = application(take, lambda: health.alive(installation.now()))
        with listening(web, installation.config.serve.host, installation.config.serve.port):
            loop(installation, signals, health)
    common.screen.say("Stopped after a whole step.")


def worker(
    *,
    at_once: Annotated[int, Parameter(help="So many actions at a time.")] = 4,
    common: Common = COMMON,
) -> None:
    """Do what is due together with other workers, on a shared PostgreSQL.

    Any number of them on any machines: each thing is done by one, schedules included. Ends
    after the steps it is at when told to (SIGTERM, Ctrl-C); what a killed one was at is done by
    another.
    """
    from tallystick.engine.workers import work

    log_to_stderr()
    with common.installation() as installation:
        work(installation, at_once)
    common.screen.say("Stopped after whole steps.")


def ends_by(end: Callable[[], None]) -> None:
    """`end` is called once when the process is told to end; told twice, it ends at once."""
    import signal

    def told(number: int, _: Any) -> None:
        signal.signal(number, signal.SIG_DFL)
        end()

    signal.signal(signal.SIGTERM, told)
    signal.signal(signal.SIGINT, told)


def log_to_stderr() -> None:
    import logging

    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    for noisy in ("httpx", "httpcore", "procrastinate", "alembic", "uvicorn"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
