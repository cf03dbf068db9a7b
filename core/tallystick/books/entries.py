"""Journal entries: balanced per currency, each with the one source it stands for.

    issue       Assets:Receivable 119.00 = Income:Fixed 100.00 + Liabilities:Tax:Standard 19.00
    recognise   Liabilities:Deferred 80.00 = Income:Prepaid 80.00
    payment     Assets:Bank:... 119.00 = Assets:Receivable 119.00
    return      the payment's mirror image; the receivable is open again
    suspense    Assets:Bank:... 42.00 = Liabilities:Suspense 42.00
    payout      Assets:Transfer:Stripe 97.00 = Assets:Bank:Stripe 97.00
                Assets:Bank:... 97.00 = Assets:Transfer:Stripe 97.00
    fee         Assets:Bank:... 98.50 + Expenses:Fees 1.50 = Assets:Receivable 100.00
    exchange    Assets:Bank:... 1050.10 EUR = Equity:Conversions:CHF-EUR 1050.10 EUR
                Equity:Conversions:CHF-EUR 1000.00 CHF = Assets:Receivable 1000.00 CHF
    set-off     Assets:SetOff 50.00 = Assets:Receivable 50.00 of the invoice, and the mirror image
                of the credit note that pays it
    write-off   Expenses:BadDebt 119.00 = Assets:Receivable 119.00
    difference  Equity:Conversions:CHF-EUR 0.10 EUR = Income:ExchangeDifferences 0.10 EUR

Debits are positive, credits negative. Corrections are further entries, never edits.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from tallystick.billing.invoice.difference import Due
from tallystick.billing.invoice.lines import InvoiceLine
from tallystick.billing.invoice.proposal import Proposal
from tallystick.billing.months import by_month
from tallystick.errors import Stop
from tallystick.money import Money

RECEIVABLE = "Assets:Receivable"
DEFERRED = "Liabilities:Deferred"
SUSPENSE = "Liabilities:Suspense"
SET_OFF = "Assets:SetOff"
WRITE_DOWNS = "Income:WriteDown"
FEES = "Expenses:Fees"
EXCHANGE = "Income:ExchangeDifferences"
BAD_DEBT = "Expenses:BadDebt"
SMALL_DIFFERENCES = "Expenses:SmallDifferences"
TRANSFERS = "Assets:Transfer"


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


def transfer_account(connection: str) -> str:
    """Where money is that left the account of a connection for a bank, or came from there."""
    return f"{TRANSFERS}:{connection.replace('_', '-').capitalize()}"


def conversions_account(one: str, other: str) -> str:
    """Where amounts of two currencies stand for each other: `Equity:Conversions:CHF-EUR`."""
    return "Equity:Conversions:" + "-".join(sorted((one, other)))


class Moved(NamedTuple):
    """What `account` - a bank, or suspense - moved, positive for money in, and what the bank kept
    of it. Both are of one currency."""

    account: str
    amount: Money
    fee: Money

    @property
    def worth(self) -> Money:
        """What it was before the bank took its fee."""
        return self.amount + self.fee


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
    source: str, booked_on: date, moved: Moved, settled: Money, client: str, invoice: str
) -> Entry:
    """`settled` of an invoice, in its currency, by what `moved`: in when it is positive, sent back
    when it is negative. Two currencies each balance against their conversions."""
    what = "Payment of" if settled.minor > 0 else "Return or refund of"
    if moved.account == SET_OFF:
        what = "Set-off of"
    postings = (
        *_moved(moved, client),
        *_converted(moved, settled),
        Posting(RECEIVABLE, -settled, client),
    )
    return Entry(source, booked_on, f"{what} {invoice} by {client}", postings)


def transfer(source: str, booked_on: date, moved: Moved, amount: Money, against: str) -> Entry:
    """One half of a payout: `amount` that left an account for `against`, or came from there.

    Both halves are seen, each at its own time; `against` stands at zero once they were.
    """
    postings = (*_moved(moved), *_converted(moved, amount), Posting(against, -amount))
    return Entry(source, booked_on, f"Payout by {against.rpartition(':')[2]}", postings)


def _converted(moved: Moved, settled: Money) -> list[Posting]:
    if settled.currency == moved.worth.currency:
        return []
    account = conversions_account(settled.currency, moved.worth.currency)
    return [Posting(account, -moved.worth), Posting(account, settled)]


def write_off(
    source: str, booked_on: date, account: str, amount: Money, client: str, invoice: str
) -> Entry:
    """`amount` of an invoice that nobody will pay, or, negative, is owed after all; its tax stays
    as it was booked."""
    what = "Written off" if amount.minor > 0 else "Owed again"
    postings = (Posting(account, amount, client), Posting(RECEIVABLE, -amount, client))
    return Entry(source, booked_on, f"{what}: {invoice} by {client}", postings)


def suspend(source: str, booked_on: date, moved: Moved, payer: str) -> Entry:
    """Money nobody can place yet: what it was worth, kept in suspense under the payer's name."""
    postings = [*_moved(moved)]
    if moved.worth:
        postings.append(Posting(SUSPENSE, -moved.worth))
    return Entry(source, booked_on, f"Not yet placed: {payer or 'unknown payer'}", tuple(postings))


def _moved(moved: Moved, client: str | None = None) -> list[Posting]:
    both = (Posting(moved.account, moved.amount), Posting(FEES, moved.fee, client))
    return [posting for posting in both if posting.amount]


def exchange_difference(
    source: str, booked_on: date, gained: Money, paid_in: str, client: str, invoice: str
) -> Entry:
    """What was `gained` (lost where it is negative) as an invoice in the currency `paid_in` was
    settled at another rate than that of the day it was issued."""
    return Entry(
        source,
        booked_on,
        f"Exchange difference of {invoice} by {client}",
        (
            Posting(conversions_account(paid_in, gained.currency), gained),
            Posting(EXCHANGE, -gained, client),
        ),
    )
