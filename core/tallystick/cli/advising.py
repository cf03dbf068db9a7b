"""`advise`: what contracts should bring, and how often such advice has been right."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from tallystick.cli.options import COMMON, Common

if TYPE_CHECKING:
    from decimal import Decimal

    from tallystick.cli.screen import Screen
    from tallystick.insight.advice import Advice
    from tallystick.insight.back_test import BackTest, Record
    from tallystick.insight.prices import AdviceTerms, Bar
    from tallystick.views.advice import AdviceView, ContractAdvice

BLOCKS = "▁▂▃▄▅▆▇█"
BAR_WIDTH = 40
SHOWN = 100
"""So many contracts of a currency are printed; --json has all."""


def advise(
    contract: Annotated[
        str | None, Parameter(help="The contract's id, as its own tool knows it; all without it.")
    ] = None,
    /,
    *,
    back_test: Annotated[bool, Parameter(negative=(), show_default=False)] = False,
    common: Common = COMMON,
) -> None:
    """Show which contracts to reprice, the one with most money at stake first.

    A price is advised that leaves the target margin with the probability of [advice], given how
    much the work varies from month to month.

    Parameters
    ----------
    back_test
        How often such advice would have been right in months it did not see.
    """
    from tallystick.engine.terms import advice_terms
    from tallystick.views import advice as views

    screen = common.screen
    with common.installation() as installation:
        wanted = advice_terms(installation.config)
        cells = installation.cells
        asked = (installation.database, installation.terms, wanted, installation.today, cells)
        if contract is not None:
            one = views.contract_advice(*asked, contract)
            screen.result(one, lambda: show_contract(screen, one))
        elif back_test:
            tested = views.back_tested(*asked)
            screen.result(tested, lambda: _show_back_test(screen, tested))
        else:
            found = views.advice(*asked, shown=None if screen.as_json else SHOWN)
            screen.result(found, lambda: _show_all(screen, found))


def _show_all(screen: Screen, found: AdviceView) -> None:
    if not found.contracts:
        screen.line("No contract is in force.")
        return
    advised = [(one, one.advice) for one in found.contracts if one.advice]
    for currency in sorted({advice.today.currency for _, advice in advised}):
        screen.table(
            f"{_target(found.terms)} with {_sure(found.terms.probability)} probability",
            ("contract", "client", "today", "needed", "at stake a year", "chance", "advice", ""),
            [
                (
                    f"{_plain(one.contract)} {one.name}",
                    one.client,
                    advice.today,
                    advice.needed,
                    advice.at_stake,
                    f"{advice.chance_percent} %",
                    advice.verdict,
                    advice.why,
                )
                for one, advice in advised
                if advice.today.currency == currency
            ],
        )
    for one in found.contracts:
        if not one.advice:
            screen.line(f"{_plain(one.contract)} {one.name}: no advice, {one.why_not}.", "yellow")
    for one in found.contracts:
        for note in one.notes:
            screen.line(f"{_plain(one.contract)} {one.name}: {note}.", "yellow")
    if found.more:
        screen.line(f"{found.more:,} more with less at stake or without advice are in --json.")
    if advised:
        screen.line(
            "today, needed = a month; chance = that today's revenue reaches the target", "dim"
        )
        screen.next(f"advise {_plain(advised[0][0].contract)}", "the spread behind it")


def show_contract(screen: Screen, found: ContractAdvice) -> None:
    one = found.contract
    screen.line(f"{_plain(one.contract)} {one.name} of {one.client}", "bold")
    for note in one.notes:
        screen.line(f"{note}.", "yellow")
    if one.advice is None:
        screen.line(f"No advice: {one.why_not}.")
        return
    advice = one.advice
    screen.line(f"{advice.verdict}: {advice.why}", "bold")
    screen.line(
        f"Today {advice.today} a month, which reaches a {_target(found.terms)} "
        f"with {advice.chance_percent} % probability. At stake: {advice.at_stake} a year."
    )
    _show_months(screen, advice)
    screen.table(
        "The price a month",
        ("probability", "price", "per device", "per user"),
        [
            (_sure(one.probability), one.price, one.per_device, one.per_user)
            for one in advice.ladder
        ],
    )
    _show_bars(screen, advice.bars, advice)
    if advice.cause:
        screen.line(f"{advice.cause}.")
    for reason in advice.because:
        screen.line(f"  - {reason}", "dim")
    _show_back_test(screen, found.back_test)


def _show_months(screen: Screen, advice: Advice) -> None:
    most = max(cost.minor for cost in advice.costs) or 1
    marks = "".join(
        BLOCKS[min(len(BLOCKS) - 1, max(0, cost.minor) * len(BLOCKS) // most)]
        for cost in advice.costs
    )
    screen.line(f"Cost {advice.months}: {marks}  up to {max(advice.costs)}")
    screen.line(
        f"A month costs {advice.expected_cost} on average and varies by "
        f"{advice.varies_percent} %. {advice.devices} devices, {advice.users} users."
    )


def _show_bars(screen: Screen, bars: tuple[Bar, ...], advice: Advice) -> None:
    """The price that will turn out to have been needed, with today's revenue marked."""
    if not bars:
        return
    most = max(bar.percent for bar in bars) or 1
    screen.table(
        "The price that will have been needed",
        ("from", "to", "%", ""),
        [
            (
                bar.above,
                bar.up_to,
                bar.percent,
                "█" * int(bar.percent * BAR_WIDTH / most)
                + (" today" if bar.above <= advice.today < bar.up_to else ""),
            )
            for bar in bars
        ],
    )


def _show_back_test(screen: Screen, found: BackTest) -> None:
    if found.advice is None or found.rule_of_thumb is None:
        screen.line("Back-test: no contract has enough months to hold some out.")
        return
    sure = f" (give or take {found.give_or_take})" if found.give_or_take is not None else ""
    screen.table(
        f"Back-test: {_counted(found.tries, 'try', 'tries')} on "
        f"{_counted(found.contracts, 'contract', 'contracts')}, "
        f"stated {found.probability_percent} %",
        ("", "target met", "regret"),
        [
            ("advised price", f"{found.advice.met_percent} %{sure}", _regret(found.advice)),
            (
                "last month plus markup",
                f"{found.rule_of_thumb.met_percent} %",
                _regret(found.rule_of_thumb),
            ),
        ],
    )


def _counted(count: int, one: str, more: str) -> str:
    return f"{count} {one if count == 1 else more}"


def _regret(record: Record) -> str:
    return f"{record.regret_percent} %"


def _target(terms: AdviceTerms) -> str:
    margin = f"{terms.target_margin_percent.normalize():f} % margin"
    return f"{margin} over {terms.horizon_months} months"


def _sure(probability: Decimal) -> str:
    return f"{(100 * probability).normalize():f} %"


def _plain(ref: str) -> str:
    return ref.partition(":")[2]
