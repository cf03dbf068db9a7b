"""A process of the engine whose world is the counting one: `process.py serve|worker CONFIG`.

Its clock runs fast, so that what waits two minutes is seen in a test: by the same measure for
every process beside the same CONFIG.
"""

from __future__ import annotations

import logging
import sys
from datetime import UTC, datetime
from pathlib import Path

from outside import plugins  # this file's own folder is where a script imports from

from tallystick.cli.serving import ends_by
from tallystick.engine.installation import Installation, open_installation
from tallystick.engine.serve import Health, Signals, serve
from tallystick.engine.workers import Timing, work

RATE = 30
QUICK = Timing(sweep_s=1, heartbeat_s=0.5, stalled_s=4.0)


def fast(began: datetime) -> datetime:
    return began + (datetime.now(UTC) - began) * RATE


def main(what: str, installation: Installation) -> None:
    if what == "worker":
        work(installation, 4, QUICK)
        return
    signals = Signals()
    ends_by(signals.end)
    serve(installation, signals, Health(installation.now()))


if __name__ == "__main__":
    _, asked, config = sys.argv
    began = datetime.fromtimestamp(Path(config).stat().st_mtime, UTC)
    logging.basicConfig(level=logging.INFO)
    logging.getLogger("procrastinate").setLevel(logging.WARNING)
    with open_installation(Path(config), lambda: fast(began), plugins(), {}) as opened:
        main(asked, opened)
