"""Many machines: the same actions as jobs of a queue in the PostgreSQL that all of them share.

    sweep     every few seconds, one worker looks through the store and has a job queued for
              everything that is due; so a job that got lost is queued again
    advance   one action on one thing; waiting once in the queue, and never two of one client
              at a time

The queue holds no truth. A worker that dies leaves its job behind, which is taken from it when
its heartbeat stops; a worker that only seemed dead still holds the thing it is at.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import inspect, make_url

from tallystick.config.connections import database_url
from tallystick.engine.advance import advance, look_through
from tallystick.engine.installation import Installation
from tallystick.engine.schedules import note_due, require_cronsim
from tallystick.engine.work import Work
from tallystick.errors import Stop
from tallystick.store.database import Database
from tallystick.store.turn import take_turn

if TYPE_CHECKING:
    from procrastinate import App
    from procrastinate.jobs import Job

QUEUE = "tallystick"
QUEUED_MAX = 1_000
"""So many jobs are queued at once; what else is due is looked for when half of them are done."""
log = logging.getLogger(__name__)


class Timing(NamedTuple):
    """In seconds: between two sweeps (a divisor of 60), between two signs of life of a worker,
    and without one until its jobs are taken from it."""

    sweep_s: int = 5
    heartbeat_s: float = 5.0
    stalled_s: float = 20.0


def require_queue(database: Database) -> None:
    """Raises `Stop` where there can be no workers."""
    if database.dialect != "postgresql":
        raise Stop(
            "Workers share a PostgreSQL database, and this one is SQLite.",
            do="Run `tallystick serve`, or have [store] url name a PostgreSQL.",
        )
    try:
        import procrastinate  # noqa: F401 - whether it is there is the question
    except ImportError:
        raise Stop(
            "Workers need an extra that is not installed.",
            do="Install `tallystick[postgres]`.",
        ) from None


def lay_queue(database: Database, url: str) -> bool:
    """Make the queue's tables beside ours; False when they are there."""
    with database.write() as connection:
        take_turn(connection, "lay the queue")
        if inspect(connection).has_table("procrastinate_jobs"):
            return False
        from procrastinate import App, SyncPsycopgConnector

        with App(connector=SyncPsycopgConnector(conninfo=_address(url))).open() as app:
            app.schema_manager.apply_schema()
    return True


def work(installation: Installation, at_once: int, timing: Timing | None = None) -> None:
    """Take jobs until told to end (SIGTERM, Ctrl-C), `at_once` of them at a time; those under way
    are finished first. Raises `Stop` where there can be no workers."""
    require_queue(installation.database)
    if installation.config.schedule:
        require_cronsim()
    url = database_url(installation.config, installation.path, installation.environ)
    lay_queue(installation.database, url.get_secret_value())
    asyncio.run(_work(installation, url.get_secret_value(), at_once, timing or Timing()))


async def _work(installation: Installation, url: str, at_once: int, timing: Timing) -> None:
    from procrastinate import App, PsycopgConnector

    app = App(connector=PsycopgConnector(conninfo=_address(url)))
    _tasks(app, installation, timing)
    async with app.open_async():
        await app.run_worker_async(
            queues=[QUEUE],
            concurrency=at_once,
            delete_jobs="always",
            fetch_job_polling_interval=1.0,
            update_heartbeat_interval=timing.heartbeat_s,
            stalled_worker_timeout=timing.stalled_s,
        )


def _tasks(app: App, installation: Installation, timing: Timing) -> None:
    """The two tasks, on this installation."""

    @app.task(name="advance", queue=QUEUE)
    def advance_one(kind: str, ref: str) -> None:
        left = advance(installation, kind, ref)
        if left.reason:
            log.warning("%s %s: %s", kind, ref, left.reason)

    @app.periodic(cron=f"* * * * * */{timing.sweep_s}")
    @app.task(name="sweep", queue=QUEUE, queueing_lock="sweep", priority=10)
    async def sweep(timestamp: int) -> None:  # noqa: ARG001 - procrastinate passes it by name
        await _give_back(app, timing)
        jobs = app.job_manager
        if any(one["todo"] > QUEUED_MAX // 2 for one in await jobs.list_queues_async(queue=QUEUE)):
            return
        works = await asyncio.to_thread(_due, installation)
        waiting = {job.queueing_lock for job in await jobs.list_jobs_async(queue=QUEUE)}
        await _queue(app, [one for one in works if _name(one) not in waiting][:QUEUED_MAX])


async def _give_back(app: App, timing: Timing) -> None:
    """End the jobs of workers that gave no sign of life: what they were at is unfinished, and
    queued again for that."""
    from procrastinate.exceptions import ConnectorException
    from procrastinate.jobs import Status

    jobs = app.job_manager
    for job in await jobs.get_stalled_jobs(queue=QUEUE, seconds_since_heartbeat=timing.stalled_s):
        log.warning("the worker on %s is gone: it is queued again", job.queueing_lock)
        with suppress(ConnectorException):  # another sweep, or the worker itself, ended it first
            await jobs.finish_job_by_id_async(job.id or 0, status=Status.FAILED, delete_job=True)


def _due(installation: Installation) -> list[Work]:
    """All that is due now, with what schedules just made due."""
    note_due(installation)
    now = installation.now()
    return [one for one in look_through(installation) if one.due_at <= now]


async def _queue(app: App, works: Sequence[Work]) -> None:
    from procrastinate.exceptions import AlreadyEnqueued

    jobs = [_job(one) for one in works]
    if not jobs:
        return
    try:
        await app.job_manager.batch_defer_jobs_async(jobs)
    except AlreadyEnqueued:  # another sweep came between: one by one, those that are missing
        for job in jobs:
            try:
                await app.job_manager.defer_job_async(job)
            except AlreadyEnqueued:
                continue


def _job(one: Work) -> Job:
    from procrastinate.jobs import Job

    return Job(
        queue=QUEUE,
        lock=one.lock,
        queueing_lock=_name(one),
        task_name="advance",
        task_kwargs={"kind": one.kind, "ref": one.id},
    )


def _name(one: Work) -> str:
    return f"{one.kind} {one.id}"


def _address(url: str) -> str:
    """The database's URL without SQLAlchemy's driver, as its own client reads it."""
    plain = make_url(url).set(drivername="postgresql")
    return plain.render_as_string(hide_password=False)
