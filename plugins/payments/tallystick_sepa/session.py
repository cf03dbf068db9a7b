"""The `sepa` connector's session: requests in, pain.008 files for the bank out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from tallystick.connector import Attempt, CollectionRequest, Context, Trail
from tallystick.errors import Stop
from tallystick_sepa.collectable import must_be_collectable
from tallystick_sepa.identifiers import is_key
from tallystick_sepa.message import bundled, message
from tallystick_sepa.outbox import Outbox
from tallystick_sepa.settings import SepaSettings
from tallystick_sepa.status import Inbox
from tallystick_sepa.target_days import ZONE


class SepaSession:
    """A Collector. Its attempts stay `processing` unless a status report of the bank rejects
    them: only the statement says that money came."""

    def __init__(self, settings: SepaSettings, context: Context) -> None:
        self._settings = settings
        self._context = context
        self._folder = context.root / settings.folder
        self._outbox = Outbox(self._folder)
        told = settings.status_folder
        self._inbox = Inbox(None if told is None else context.root / told)

    def whoami(self) -> str:
        settings = self._settings
        return (
            f"{settings.version} {settings.scheme} files in {self._folder} "
            f"for {settings.creditor_name} ({settings.creditor_id})"
        )

    def collect(self, requests: Sequence[CollectionRequest], key: str) -> Sequence[Attempt]:
        """Writes `pain.008-{key}.xml`; a file already written under `key` is read instead.

        A request that an earlier file collects is not written again: its attempt is that
        one. Raises `SkipRecord` before anything is written when a request cannot go out.
        """
        if not is_key(key):
            raise Stop(
                f"The batch key {key!r} is not 1 to 35 letters, digits and hyphens.",
                do="Nothing was written. Use a shorter or plainer key.",
                connection=self._context.connection,
            )
        with self._outbox.locked():
            written = self._outbox.message(key)
            if written is not None:
                return [_processing(debit, block) for debit, block in written.blocks.items()]
            must_be_collectable(requests, self._context.connection)
            new = [request for request in requests if not self._outbox.block_of(request.key)]
            if new:
                self._write(new, key)
            return [
                _processing(request.key, self._outbox.block_of(request.key) or key)
                for request in requests
            ]

    def find_attempt(self, key: str, trail: Trail | None = None) -> Attempt | None:
        block = self._outbox.block_of(key)
        if block is None:
            return None
        message = self._outbox.message_of(key)
        reason = self._inbox.why_rejected(message, block, key)
        if reason is None:
            return _processing(key, block)
        return replace(_processing(key, block), state="declined", reason=reason)

    def _write(self, requests: Sequence[CollectionRequest], key: str) -> None:
        now = self._context.now()
        bundles = bundled(requests, now.astimezone(ZONE).date())
        self._outbox.write(key, message(self._settings, key, bundles, now))


def _processing(key: str, block: str) -> Attempt:
    return Attempt(key=key, state="processing", vendor_ref=f"{block}/{key}")
