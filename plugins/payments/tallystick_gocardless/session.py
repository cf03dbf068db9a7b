"""One GoCardless account, in every role a payment provider can play."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from tallystick.connector import (
    Attempt,
    Broken,
    CollectionRequest,
    Context,
    Cursor,
    Event,
    Page,
    PageRequest,
    Pulled,
    Raw,
    Ref,
    Refund,
    RefundRequest,
    Trail,
)
from tallystick.errors import Stop
from tallystick_gocardless.collecting import Payments
from tallystick_gocardless.customers import Customers
from tallystick_gocardless.events import read_events
from tallystick_gocardless.hosted import Pages
from tallystick_gocardless.mandates import Mandates
from tallystick_gocardless.money import Balance
from tallystick_gocardless.objects import Creditor
from tallystick_gocardless.refunding import Refunds
from tallystick_gocardless.settings import GoCardlessSettings
from tallystick_gocardless.wire import Api


class GoCardlessSession:
    """Plays `Source`, `Sink`, `Collector`, `Refunder`, `PageHost` and `Listener`."""

    def __init__(self, settings: GoCardlessSettings, context: Context) -> None:
        self._settings = settings
        self._context = context
        self._api = Api(settings, context)
        self._payments = Payments(self._api)
        self._refunds = Refunds(self._api)
        self._customers = Customers(self._api)
        self._pages = Pages(self._api, self._customers, settings.return_url)

    def whoami(self) -> str:
        """The creditor collected for; raises `Stop` where the token knows no such one."""
        creditor = self._creditor()
        mode = "live" if self._settings.live else "sandbox"
        return f"creditor {creditor.name} ({creditor.id}) at GoCardless, {mode}"

    def pull(self, record: str, since: str | None) -> Iterator[Pulled | Broken | Cursor]:
        match record:
            case "client":
                yield from self._customers.pull()
            case "mandate":
                yield from Mandates(self._api).pull()
            case "bank_transaction":
                account = self._creditor().id
                yield from Balance(self._api, account, self._context.now()).pull(since)

    def push(self, record: str, raw: Raw, key: str) -> Ref:
        """A client as a customer; `key` is the client's ref."""
        return self._customers.push(raw, key)

    def find(self, record: str, key: str) -> Ref | None:
        return self._customers.find(key)

    def collect(self, requests: Sequence[CollectionRequest], key: str) -> Sequence[Attempt]:
        """Each of `requests` under its own key; raises for the first that is not taken."""
        today = self._context.now().date()
        return [self._payments.collect(request, today) for request in requests]

    def find_attempt(self, key: str, trail: Trail | None = None) -> Attempt | None:
        payment = self._payments.find(key, trail)
        if payment is None and (page := self._pages.request(key)) is not None:
            payment = self._payments.of_page(page)
        return None if payment is None else self._payments.attempt(key, payment)

    def refund(self, request: RefundRequest) -> Refund:
        return self._refunds.refund(request)

    def find_refund(self, key: str) -> Refund | None:
        return self._refunds.find(key)

    def open_page(self, request: PageRequest) -> Page:
        return self._pages.open(request)

    def find_page(self, key: str) -> Page | None:
        return self._pages.find(key)

    def close_page(self, key: str) -> Page | None:
        return self._pages.close(key)

    def read_events(self, headers: Mapping[str, str], body: bytes) -> Sequence[Event]:
        return read_events(self._settings, headers, body, self._context.now())

    def _creditor(self) -> Creditor:
        wanted = self._settings.creditor
        found = [one for one in self._api.list("creditors", Creditor) if wanted in (None, one.id)]
        if len(found) != 1:
            names = ", ".join(one.id for one in found) or "none"
            raise Stop(
                f"The token should lead to one creditor and leads to {names}.",
                do="Name the one to collect for in `creditor`.",
                connection=self._context.connection,
            )
        return found[0]
