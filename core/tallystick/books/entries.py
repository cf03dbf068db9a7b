"""Journal entries: balanced per currency, each with the one source it stands for.

    issue       Assets:Receivable 119.00 = Income:Fixed 100.00 + Liabilities:Tax:Standard 19.00
    recognise   Liabilities:Deferred 80.00 = Income:Prepaid 80.00
    payment     Assets:Bank:... 119.00 = Assets:Receivable 119.00
    return      the payment's mirror image; the receivable is open again
    suspense    Assets:Bank:... 42.00 = Liabilities:Suspense 42.00

Debits are positive, credits negative. Corrections are further entries, never edits.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from tallystick.billing.invoice.difference import Due
from tallystick.billing.invoice.lines import InvoiceLine
from tallystick.billing.invoice.proposal import Proposal
from tallystick.billing.months import by_month
from tallystick.errors import Stop
from tallystick.money import Money

RECEIVABLE = "Assets:Receivable"
DEFERRED = "Liabilities:Deferred"
SUSPENSE = "Liabilities:Suspense"
WRITE_DOWNS = "Income:WriteDown"
FEES = "Expenses:Fees"
EXCHANGE = "Income:ExchangeDifferences"


@dataclass(frozen=True, slots=True)
class Posting:
    """`amount` debited (positive) or credited (negative) to `account`, with its dimensions.

    `service_month` is the first day of the month whose revenue the posting is, `reported_in` that
    of the month whose reports show it, which is another where the books are closed by then.
    """

    account: str
    amount: Money
    client: str | None = None
    contract: str | None = None
    line: str | None = None
    service_month: date | None = None
    reported_in: date | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """`source` is unique for ever: recording the same source twice records it once. `belongs_on`
    is the day it would have been booked on, had that not been closed."""

    source: str
    booked_on: date
    narration: str
    postings: tuple[Posting, ...]
    belongs_on: date | None = None

    def __post_init__(self) -> None:
        sums: dict[str, int] = {}
        for posting in self.postings:
            currency = posting.amount.currency
            sums[currency] = sums.get(currency, 0) + posting.amount.minor
        for currency, minor in sums.items():
            if minor:
                raise Stop(
                    f"Entry {self.source} is out of balance by {Money(minor, currency)}.",
                    do="This is a defect of Tallystick; nothing was recorded. Please report it.",
                )


def tax_account(category: str) -> str:
    """`standard` -> `Liabilities:Tax:Standard`, `reverse_charge` -> `...:ReverseCharge`."""
    return "Liabilities:Tax:" + "".join(part.capitalize() for part in category.split("_"))


def bank_account(connection: str) -> str:
    """The ledger account of the bank a connection reports on."""
    return f"Assets:Bank:{connection.replace('_', '-').capitalize()}"


def issue(number: str, issued_on: date, proposal: Proposal) -> Entry:
    """Receivable against revenue by service month, deferred revenue and tax."""
    postings = [Posting(RECEIVABLE, proposal.gross, proposal.client)]
    for line in proposal.lines:
        dues = [proposal.dues[index] for index in line.charges]
        postings += _revenue(line, dues, proposal.client)
    postings += [
        Posting(tax_account(tax.category), -tax.amount, proposal.client)
        for tax in proposal.taxes
        if tax.amount
    ]
    kind = "Credit note" if proposal.kind == "credit_note" else "Invoice"
    narration = f"{kind} {number} to {proposal.client} for {proposal.period}"
    return Entry(f"invoice:{number}", issued_on, narration, tuple(postings))


def _revenue(line: InvoiceLine, dues: Iterable[Due], client: str) -> list[Posting]:
    """Credits of one line: deferred whole, or each of its charges earned by day over the months of
    its own service, which for work is the day it was done."""
    if line.account == DEFERRED:
        return [Posting(DEFERRED, -line.net, client, line.contract, line.line)]
    months: dict[date, Money] = {}
    for due in dues:
        for span, amount in by_month(due.net, due.charge.service):
            first = span.start.replace(day=1)
            months[first] = months.get(first, Money.zero(amount.currency)) + amount
    return [
        Posting(line.account, -months[first], client, line.contract, line.line, first)
        for first in sorted(months)
        if months[first]
    ]


def settle(
    source: str, booked_on: date, bank: str, amount: Money, client: str, invoice: str
) -> Entry:
    """Money for an invoice: in when `amount` is positive, sent back when it is negative."""
    what = "Payment of" if amount.minor > 0 else "Return or refund of"
    return Entry(
        source,
        booked_on,
        f"{what} {invoice} by {client}",
        (Posting(bank, amount), Posting(RECEIVABLE, -amount, client)),
    )


def suspend(source: str, booked_on: date, bank: str, amount: Money, payer: str) -> Entry:
    """Money nobody can place yet: kept in suspense under the payer's name."""
    return Entry(
        source,
        booked_on,
        f"Not yet placed: {payer or 'unknown payer'}",
        (Posting(bank, amount), Posting(SUSPENSE, -amount)),
    )
