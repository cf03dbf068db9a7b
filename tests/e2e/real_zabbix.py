"""A real Zabbix on 127.0.0.1: its pages from Debian's packages, over a PostgreSQL of this test."""

from __future__ import annotations

import gzip
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, sleep
from typing import Any
from uuid import uuid4

import httpx
from sqlalchemy import URL, create_engine

from .switch import off

HOME = Path("/usr/share/zabbix")
SCHEMA = Path("/usr/share/zabbix-server-pgsql")
CONFIG = """<?php
$DB['TYPE'] = 'POSTGRESQL'; $DB['SERVER'] = '{host}'; $DB['PORT'] = '0'; $DB['DATABASE'] = '{name}';
$DB['USER'] = '{user}'; $DB['PASSWORD'] = ''; $DB['SCHEMA'] = ''; $DB['ENCRYPTION'] = false;
$DB['DOUBLE_IEEE754'] = true;
$IMAGE_FORMAT_DEFAULT = IMAGE_FORMAT_PNG;
"""


@dataclass
class RealZabbix:
    url: str
    database: URL
    token: str = ""

    def call(self, method: str, **params: Any) -> Any:
        asked = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
        if self.token:
            asked["auth"] = self.token
        answer = httpx.post(f"{self.url}/api_jsonrpc.php", json=asked, timeout=30)
        answer.raise_for_status()
        found = answer.json()
        assert "error" not in found, found["error"]
        return found["result"]


def missing() -> str | None:
    """What keeps it from running here."""
    if not (HOME.exists() and SCHEMA.exists() and shutil.which("psql") and shutil.which("php8.2")):
        return "Zabbix is not installed: make e2e does it on Debian"
    return off()


@contextmanager
def running(folder: Path, server: URL) -> Iterator[RealZabbix]:
    name = f"zabbix_{uuid4().hex}"
    _load(server, name)
    pages = folder / "ui"
    shutil.copytree(HOME, pages, ignore_dangling_symlinks=True)
    socket_folder = server.query.get("host") or server.host
    text = CONFIG.format(host=socket_folder, name=name, user=server.username)
    (pages / "conf" / "zabbix.conf.php").write_text(text, encoding="utf-8")
    source = pages / "include" / "classes" / "core" / "CConfigFile.php"
    own = str(pages / "conf" / "zabbix.conf.php")
    source.write_text(
        source.read_text("utf-8").replace("/etc/zabbix/zabbix.conf.php", own), "utf-8"
    )
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = ("php8.2", "-d", "post_max_size=16M", "-d", "max_execution_time=300")
    with (folder / "php.log").open("wb") as log:
        process = subprocess.Popen(
            [*command, "-S", f"127.0.0.1:{port}", "-t", str(pages)], stdout=log, stderr=log
        )
    zabbix = RealZabbix(f"http://127.0.0.1:{port}", server.set(database=name))
    try:
        _until_it_answers(zabbix, process)
        zabbix.token = zabbix.call("user.login", username="Admin", password="zabbix")
        yield zabbix
    finally:
        process.terminate()
        process.wait(20)


def _load(server: URL, name: str) -> None:
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    engine.dispose()
    address = server.set(database=name, drivername="postgresql").render_as_string(
        hide_password=False
    )
    for file in ("schema", "images", "data"):
        with gzip.open(SCHEMA / f"{file}.sql.gz") as text:
            subprocess.run(
                ["psql", "-q", "-v", "ON_ERROR_STOP=1", address],
                input=text.read(), check=True, stdout=subprocess.DEVNULL,
            )  # fmt: skip


def _until_it_answers(zabbix: RealZabbix, process: subprocess.Popen[bytes]) -> None:
    end = monotonic() + 60
    while monotonic() < end and process.poll() is None:
        try:
            zabbix.call("apiinfo.version")
        except httpx.HTTPError:
            sleep(0.3)
        else:
            return
    raise AssertionError("Zabbix did not come up")
