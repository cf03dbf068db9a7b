"""The receiver on its address, beside the loop of this process."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread
from time import monotonic, sleep
from typing import Any

from tallystick.errors import Stop

STARTS_WITHIN_S = 10.0
IDLE_S = 20


def require_server() -> None:
    """Raises `Stop` where nothing can be received."""
    try:
        import starlette
        import uvicorn  # noqa: F401 - whether it is there is the question
    except ImportError:
        raise Stop(
            "Serving needs an extra that is not installed.",
            do="Install `tallystick[serve]`.",
        ) from None
    del starlette


@contextmanager
def listening(application: Any, host: str, port: int) -> Iterator[int]:
    """Serve the ASGI `application` while the block runs; the port it is on. Deliveries under way
    at the end are answered. Raises `Stop` when the address cannot be had."""
    import uvicorn

    config = uvicorn.Config(
        application,
        host=host,
        port=port,
        log_config=None,
        access_log=False,
        lifespan="off",
        server_header=False,
        timeout_keep_alive=IDLE_S,
        h11_max_incomplete_event_size=16_384,
    )
    server = uvicorn.Server(config)
    failed: list[BaseException] = []

    def work() -> None:
        try:
            server.run()
        except (OSError, SystemExit) as error:
            failed.append(error)

    thread = Thread(target=work, name="receiver")
    thread.start()
    until = monotonic() + STARTS_WITHIN_S
    while not server.started and thread.is_alive() and monotonic() < until:
        sleep(0.01)
    if not server.started:
        server.should_exit = True
        thread.join()
        raise Stop(
            f"Nothing can be received on {host}:{port}: the address is not to be had.",
            do="Choose another `host` or `port` in [serve] of tallystick.toml, or free it.",
        )
    try:
        yield int(server.servers[0].sockets[0].getsockname()[1])
    finally:
        server.should_exit = True
        thread.join()
