"""A month of bank movements with the truth of what each pays, as seeded chance has it.

Fifty-odd clients, two of each tenth name, many paying one of few prices; invoices numbered one
after the other. They pay by transfer: with the number, with a slip in it, without its prefix, with
only its end or nothing; several at once, in part, too much, less what the bank kept; from accounts
seen before or new; and strangers pay for what was never invoiced.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal

from tallystick.records import BankTransaction, Client

from .world import IBAN, World, movement

FORMS = ("GmbH", "AG", "GmbH & Co. KG", "e.K.", "Ltd", "")
WORDS = (
    *("Nordlicht", "Acme", "Bergmann", "Hansa", "Kupfer", "Lindner", "Müller", "Söhne", "Weber"),
    *("Logistik", "Bau", "Dental", "Metall", "Druck", "Holz", "Textil", "Service", "Technik"),
    *("Schäfer", "Krüger", "Vogel", "Brandt", "Otto", "Seidel", "Franke", "Busch", "Kühn"),
)
PRICES = ("119.00", "238.00", "297.50", "595.00", "1190.00")
Truth = dict[str, Decimal]
"""What of a movement each invoice gets; empty for a stranger's money."""


@dataclass
class Payer:
    ref: str
    name: str
    account: str
    known: bool
    open: dict[str, Decimal] = field(default_factory=dict)


@dataclass
class Month:
    """`truth` by the id of the movement; `how` says what is odd about it."""

    clients: list[Payer]
    movements: list[BankTransaction] = field(default_factory=list)
    truth: dict[str, Truth] = field(default_factory=dict)
    how: dict[str, str] = field(default_factory=dict)


def play(world: World, seed: int, clients: int = 50, invoices: int = 150) -> Month:
    """Lays clients and invoices into `world`, and what was paid earlier from accounts known; the
    month's movements are the caller's to bring."""
    chance = random.Random(seed)
    month = Month(list(_clients(chance, clients)))
    world.clients(
        *(Client(id=one.ref, name=one.name, customer_number=f"K{one.ref}") for one in month.clients)
    )
    for at, one in enumerate(payer for payer in month.clients if payer.known):
        number = world.invoice(f"INV-2026-{at + 1:04}", "50.00", client=one.ref)
        paid = movement(f"old-{at}", "50.00", day=1, remittance=number, **_from(one))
        world.bank(paid)
    for at in range(invoices):
        one = chance.choice(month.clients)
        price = chance.choice(PRICES) if chance.random() < 0.5 else _price(chance)
        number = world.invoice(f"INV-2026-{clients + 1 + at:04}", str(price), client=one.ref)
        one.open[number] = Decimal(price)
    for at, (how, who, amount, text, truth) in enumerate(_payments(chance, month.clients)):
        id_ = f"m-{at:04}"
        month.movements.append(movement(id_, str(amount), remittance=text, **who))
        month.truth[id_], month.how[id_] = truth, how
    chance.shuffle(month.movements)
    return month


def _clients(chance: random.Random, many: int) -> Iterator[Payer]:
    name = ""
    for at in range(many):
        if at % 10 != 1:
            name = " ".join([*chance.sample(WORDS, 2), chance.choice(FORMS)]).strip()
        account = f"DE{chance.randrange(10**19, 10**20)}"
        yield Payer(str(1001 + at), name, account, known=chance.random() < 0.7)


def _payments(
    chance: random.Random, clients: list[Payer]
) -> Iterator[tuple[str, dict[str, str], Decimal, str, Truth]]:
    for one in clients:
        waiting = list(one.open.items())
        chance.shuffle(waiting)
        while waiting:
            if len(waiting) > 1 and chance.random() < 0.2:
                count = chance.randint(2, min(4, len(waiting)))
                chosen, waiting = waiting[:count], waiting[count:]
                numbers = [number for number, _ in chosen]
                named = chance.random() < 0.5
                text = " ".join(numbers) if named else "Sammelzahlung"
                whole = sum((amount for _, amount in chosen), Decimal(0))
                yield "together", _payer(chance, one), whole, text, dict(chosen)
                continue
            number, amount = waiting.pop()
            if chance.random() < 0.08:
                continue  # not paid this month
            how, paid = _amount(chance, amount)
            said, text = _text(chance, number)
            truth = {number: min(paid, amount)}
            yield f"{said}, {how}", _payer(chance, one), paid, text, truth
    for _ in range(len(clients) // 5):
        who = {
            "counterparty": " ".join(chance.sample(WORDS, 2)),
            "counterparty_iban": IBAN[:-1] + "9",
        }
        amount = Decimal(chance.choice(PRICES)) if chance.random() < 0.3 else _price(chance)
        yield "stranger", who, amount, chance.choice(("Spende", "Miete Oktober", "2026/10")), {}


def _amount(chance: random.Random, amount: Decimal) -> tuple[str, Decimal]:
    drawn = chance.random()
    if drawn < 0.85:
        return "exact", amount
    if drawn < 0.90:
        return "partial", (amount * chance.randint(20, 80) / 100).quantize(Decimal("0.01"))
    if drawn < 0.95:
        return "too much", amount + chance.randint(1, 5000) / Decimal(100)
    return "less charges", amount - Decimal(chance.randint(100, 500)) / 100


def _text(chance: random.Random, number: str) -> tuple[str, str]:
    _, year, digits = number.split("-")
    drawn = chance.random()
    if drawn < 0.55:
        return "number", f"Rechnung {number}"
    if drawn < 0.67:
        return "without prefix", f"Rg. {year}-{digits}"
    if drawn < 0.80:
        return "slip", f"Rechnung {_slip(chance, number)}"
    if drawn < 0.87:
        return "end", f"RNr {digits}"
    return "nothing", chance.choice(("Rechnung", "IT Service", "danke", ""))


def _slip(chance: random.Random, number: str) -> str:
    at = chance.randrange(4, len(number))
    kind = chance.choice(("other", "missing", "twice", "swapped"))
    if kind == "other":
        return number[:at] + chance.choice("0123456789") + number[at + 1 :]
    if kind == "missing":
        return number[:at] + number[at + 1 :]
    if kind == "twice":
        return number[:at] + number[at] + number[at:]
    return number[: at - 1] + number[at] + number[at - 1] + number[at + 1 :]


def _payer(chance: random.Random, one: Payer) -> dict[str, str]:
    if chance.random() < 0.05:
        return {"counterparty": "", "counterparty_iban": ""}
    return _from(one, chance)


def _from(one: Payer, chance: random.Random | None = None) -> dict[str, str]:
    name = one.name
    if chance is not None and chance.random() < 0.3:
        shorter = name.replace(" GmbH", "").replace("ü", "ue").upper()
        name = chance.choice((shorter, name[:27], f"{name.split()[0]} privat"))
    return {"counterparty": name, "counterparty_iban": one.account}


def _price(chance: random.Random) -> Decimal:
    return Decimal(chance.randint(5_000, 250_000)) / 100
