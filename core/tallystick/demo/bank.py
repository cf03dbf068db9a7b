"""The sample MSP's bank: what its camt.053 statement of a month says.

Structure and code words: ISO 20022 camt.053.001.08, as banks fill it (EPC code sets
ExternalBankTransactionDomain, ExternalReturnReason).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple
from xml.etree.ElementTree import Element

from defusedxml.ElementTree import parse  # type: ignore[import-untyped] # it ships no type hints

from tallystick.demo.clients import BOUNCING, MANDATES
from tallystick.demo.statement import Booked, Exchange, statement
from tallystick.errors import Stop
from tallystick.period import Period, month

ACCOUNTS = {"EUR": "DE89370400440532013000", "CHF": "CH9300762011623852957"}
"""The MSP's account in each currency: IBANs that are published as examples."""
FIRST_BALANCE = {"EUR": Decimal("24310.77"), "CHF": Decimal("8150.00")}
DAYS_TO_RETURN = 3
EUROS_PER_FRANC = Decimal("1.0592")
"""What the bank gives; by the sample's own table of rates a franc is worth 1 / 0.94 of a euro."""
BUYING_CHARGES = Decimal("5.00")


class Transfer(NamedTuple):
    """Money a client sends of its own accord; `text` is what it wrote for us to read. `exchange`
    is where the bank bought another currency of it."""

    payer: str
    amount: Decimal
    currency: str
    text: str
    on: date
    exchange: Exchange | None = None


class Return(NamedTuple):
    """The debits of `collected_in` on the account `iban` come back for `reason`: AC04 account
    closed, AM04 not enough money, MS03 no reason given."""

    iban: str
    collected_in: Period
    reason: str


RETURNS = tuple(
    Return(mandate.iban, month(2026, 8), "AM04")
    for mandate in MANDATES
    if mandate.client == BOUNCING
)
UNKNOWN_PAYMENT = Transfer(
    "E. Fremdling", Decimal("149.00"), "EUR", "Rechnung vom Juli, danke", date(2026, 8, 19)
)


@dataclass(frozen=True, slots=True)
class Debit:
    """One direct debit of a pain.008 file."""

    key: str
    batch: str
    mandate: str
    amount: Decimal
    due_on: date
    debtor: str
    iban: str
    text: str


def write_statement(
    folder: Path,
    period: Period,
    debit_files: Iterable[Path],
    transfers: Sequence[Transfer],
    returns: Sequence[Return] = RETURNS,
) -> Path:
    """Write `exports/bank/camt053_<month>.xml` in `folder`: a statement per currency account.

    Holds the debits of all `debit_files` due in the month `period`, those of `returns` coming
    back three bank days later, the `transfers` of the month, and one payment nobody expects.
    It opens with the closing balance of the month before, if that was written.
    """
    bank = folder / "exports" / "bank"
    bank.mkdir(parents=True, exist_ok=True)
    debits = [debit for path in sorted(set(debit_files)) for debit in _debits(path)]
    moves = [*_collected(debits, returns), *map(_paid, [*transfers, UNKNOWN_PAYMENT])]
    due = sorted(
        (move for move in moves if period.covers(move.on)),
        key=lambda move: (move.on, move.reference),
    )
    opening = _closing_before(bank, period)
    target = bank / f"camt053_{period}.xml"
    target.write_bytes(statement(period, ACCOUNTS, opening, due))
    return target


def _debits(path: Path) -> Iterator[Debit]:
    document: Element = parse(path).getroot()
    for batch in document.iterfind(".//{*}PmtInf"):
        due_on = date.fromisoformat(batch.findtext("{*}ReqdColltnDt", ""))
        for node in batch.iterfind("{*}DrctDbtTxInf"):
            yield Debit(
                key=node.findtext("{*}PmtId/{*}EndToEndId", ""),
                batch=batch.findtext("{*}PmtInfId", ""),
                mandate=node.findtext("{*}DrctDbtTx/{*}MndtRltdInf/{*}MndtId", ""),
                amount=Decimal(node.findtext("{*}InstdAmt", "")),
                due_on=due_on,
                debtor=node.findtext("{*}Dbtr/{*}Nm", ""),
                iban=node.findtext("{*}DbtrAcct/{*}Id/{*}IBAN", ""),
                text=node.findtext("{*}RmtInf/{*}Ustrd", ""),
            )


def _collected(debits: Iterable[Debit], returns: Sequence[Return]) -> Iterator[Booked]:
    for debit in debits:
        credit = Booked(
            reference=_reference("collected", debit.key),
            on=debit.due_on,
            amount=debit.amount,
            currency="EUR",
            counterparty=debit.debtor,
            iban=debit.iban,
            text=debit.text,
            code="IDDT/ESDD",
            end_to_end_id=debit.key,
            batch=debit.batch,
            mandate=debit.mandate,
        )
        yield credit
        for one in returns:
            if one.iban == debit.iban and one.collected_in.covers(debit.due_on):
                yield credit.returned(
                    _reference("returned", debit.key), _bank_days_after(debit.due_on), one.reason
                )


def _paid(transfer: Transfer) -> Booked:
    if transfer.currency not in ACCOUNTS:
        raise Stop(
            f"The sample bank has no account in {transfer.currency}.",
            do=f"Pay in {' or '.join(ACCOUNTS)}.",
        )
    return Booked(
        reference=_reference("paid", *map(str, transfer)),
        on=transfer.on,
        amount=transfer.amount,
        currency=transfer.currency,
        counterparty=transfer.payer,
        iban="",
        text=transfer.text,
        code=_transfer_code(transfer),
        exchange=transfer.exchange,
    )


def in_euros(transfer: Transfer) -> Transfer:
    """The same transfer into the account in euros: bought at the bank's rate, less its charges."""
    told = Exchange(transfer.amount, transfer.currency, EUROS_PER_FRANC, BUYING_CHARGES)
    return transfer._replace(amount=told.bought - told.charges, currency="EUR", exchange=told)


def _transfer_code(transfer: Transfer) -> str:
    """SEPA, domestic, or across the border in another currency."""
    if transfer.exchange is not None:
        return "RCDT/XBCT"
    return "RCDT/ESCT" if transfer.currency == "EUR" else "RCDT/DMCT"


def _reference(*facts: str) -> str:
    """The bank's own reference of a booking: the same for the same booking, whenever written."""
    return sha256("\n".join(facts).encode()).hexdigest()[:16].upper()


def _bank_days_after(day: date) -> date:
    left = DAYS_TO_RETURN
    while left:
        day += timedelta(days=1)
        left -= day.weekday() < 5
    return day


def _closing_before(bank: Path, period: Period) -> dict[str, Decimal]:
    """The closing balances of the month before, the first balances if there is none."""
    last = period.start - timedelta(days=1)
    path = bank / f"camt053_{month(last.year, last.month)}.xml"
    if not path.exists():
        return FIRST_BALANCE
    document: Element = parse(path).getroot()
    closing = {}
    for node in document.iterfind(".//{*}Bal"):
        amount = node.find("{*}Amt")
        if amount is not None and node.findtext("{*}Tp/{*}CdOrPrtry/{*}Cd") == "CLBD":
            sign = 1 if node.findtext("{*}CdtDbtInd") == "CRDT" else -1
            closing[amount.get("Ccy", "")] = sign * Decimal(amount.text or "")
    return closing
