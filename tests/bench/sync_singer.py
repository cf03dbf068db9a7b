"""A Singer tap piped into the usual target, run by the Python of a venv of its own (`make peers`).

A sync is two processes, as Singer has it: the tap reads the API and writes messages, the target
reads them and writes rows, and the last state it tells is what the next tap is given. Their
processor time is counted together with the start of both; the peak is the larger one's.

Set for speed, from the documentation of each: tap and SQLite target read and write messages by
msgspec, and the tap conforms nothing, as its values come from JSON; the targets do not check every
record against its schema and add no columns of their own; MeltanoLabs' target for PostgreSQL loads
by COPY and merges. As the defaults are, a row costs three to four times as much. For SQLite see
`sync_singer_sqlite`.

    python sync_singer.py URL DESTINATION FOLDER       then one phase a line on stdin
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

from sync_clock import answer

HERE: Final = Path(__file__).parent
QUICK: Final = {"add_record_metadata": False, "validate_records": False}
SQLITE: Final = (sys.executable, str(HERE / "sync_singer_sqlite.py"))
POSTGRESQL: Final = (str(Path(sys.executable).with_name("target-postgres")),)


class Singer:
    """Both lists merged by id into one database."""

    def __init__(self, url: str, place: str, folder: Path) -> None:
        self._folder = folder
        self._state = folder / "state.json"
        tap = self._written("tap", {"url": url})
        self._tap = [sys.executable, str(HERE / "sync_singer_tap.py"), "--config", tap]
        if "://" in place:
            told = place.replace("postgresql://", "postgresql+psycopg://", 1)
            config = {"sqlalchemy_url": told, "use_copy": True, "activate_version": False}
            self._target = [*POSTGRESQL, "--config", self._written("target", QUICK | config)]
        else:
            self._target = [*SQLITE, "--config", self._written("target", QUICK | {"path": place})]

    def first(self) -> None:
        since = ["--state", str(self._state)] if self._state.exists() else []
        with (self._folder / "log").open("ab") as log:
            quiet: Any = {"stderr": log, "env": {**os.environ, "LOGLEVEL": "WARNING"}}
            tap = subprocess.Popen([*self._tap, *since], stdout=subprocess.PIPE, **quiet)
            done = subprocess.run(self._target, stdin=tap.stdout, stdout=subprocess.PIPE, **quiet)
        if tap.wait() or done.returncode:
            raise SystemExit((self._folder / "log").read_text())
        if done.stdout:
            self._state.write_bytes(done.stdout.splitlines()[-1])

    news = first

    def _written(self, name: str, config: dict[str, Any]) -> str:
        path = self._folder / f"{name}.json"
        path.write_text(json.dumps(config))
        return str(path)


if __name__ == "__main__":
    url, place, folder = sys.argv[1:]
    answer(Singer(url, place, Path(folder)), place)
