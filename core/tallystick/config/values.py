"""The single values `tallystick.toml` is made of, each refused with its own sentence."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path, PurePosixPath
from string import Formatter
from typing import Annotated, Any
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, BeforeValidator, SecretStr, StringConstraints

from tallystick.billing.windows import Window
from tallystick.errors import Stop
from tallystick.mapping.entries import suggest
from tallystick.mapping.twoway import Misfit, shown
from tallystick.money import exponent
from tallystick.records import KINDS

_PLAIN = re.compile(r"[0-9]{1,12}(?:\.[0-9]{1,6})?").fullmatch
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}").fullmatch
_MONTH = re.compile(r"[0-9]{4}-(?:0[1-9]|1[0-2])").fullmatch
_CONNECTION = re.compile(r"[a-z][a-z0-9_-]*").fullmatch
_PADDING = re.compile("(?:0[1-9])?").fullmatch


def _amount(value: Any) -> Decimal:
    """Not negative, at most 12 digits before the point and 6 after it."""
    spelled = f"{value:f}" if type(value) is Decimal and value.is_finite() else str(value)
    if type(value) not in (str, int, Decimal) or not _PLAIN(spelled):
        raise Misfit(f"{shown(value)} is not a plain amount.", 'Write it like "95.00".')
    return Decimal(spelled)


def _percent(value: Any) -> Decimal:
    percent = _amount(value)
    if percent > 100:
        raise Misfit(f"{percent} percent is more than 100.", 'Write it like "19".')
    return percent


def _whole(value: Any) -> Any:
    if isinstance(value, bool):  # which pydantic would take for 0 or 1
        raise Misfit("It is true/false, not a whole number.", "Write digits.")
    return value


def _day(value: Any) -> date:
    if type(value) is date:
        return value
    if type(value) is str and _DAY(value):
        try:
            return date.fromisoformat(value)
        except ValueError:
            pass
    spelled = value.isoformat(" ") if isinstance(value, datetime) else value
    raise Misfit(f"{shown(spelled)} is not a day.", "Write it like 2026-01-31.")


def _month(value: Any) -> date:
    """The first day of a month."""
    if type(value) is date and value.day == 1:
        return value
    if type(value) is str and _MONTH(value):
        return date.fromisoformat(f"{value}-01")
    raise Misfit(f"{shown(value)} is not a month.", "Write it like 2026-01.")


def _above_zero(value: Decimal) -> Decimal:
    if not value:
        raise Misfit("It is 0.", "Write a value above 0.")
    return value


def _zone(value: Any) -> ZoneInfo:
    if isinstance(value, ZoneInfo):
        return value
    try:
        return ZoneInfo(value)
    except (LookupError, ValueError, OSError, TypeError):
        near = suggest(str(value), available_timezones())
        raise Misfit(
            f"There is no time zone {shown(value)}.{near}",
            "Use a name of the IANA database, such as Europe/Berlin.",
        ) from None


def _currency(code: str) -> str:
    try:
        exponent(code)
    except Stop as error:
        raise Misfit(error.what, error.do) from None
    return code


def _pair(text: str) -> str:
    one, _, other = text.partition("-")
    if one == other:
        raise Misfit(f"{shown(text)} is not a pair.", "Write two currencies, such as CHF-EUR.")
    return f"{_currency(one)}-{_currency(other)}"


def _country(code: str) -> str:
    if not re.fullmatch("[A-Z]{2}", code):
        raise Misfit(f"{shown(code)} is not a country code.", "Write two capitals, such as DE.")
    return code


def _kind(name: str) -> str:
    if name not in KINDS:
        raise Misfit(
            f"There is no record kind {shown(name)}.{suggest(name, KINDS)}",
            f"Known are {', '.join(KINDS)}.",
        )
    return name


def _connection(name: str) -> str:
    if not _CONNECTION(name):
        raise Misfit(
            f"{shown(name)} cannot name a connection.",
            "Use small letters, digits, - and _, and begin with a letter.",
        )
    return name


def leads_out(path: str) -> bool:
    """Whether a part of `path` is `..`, however its parts are separated."""
    return ".." in re.split(r"[/\\]", path)


def plain_path(path: Path) -> Path:
    """`path`, unless it is empty or leads out of its folder."""
    if leads_out(str(path)) or not PurePosixPath(path).parts:
        raise Misfit(
            "The path is empty or has `..` in it.",
            "Write it from the folder of tallystick.toml, or in full.",
        )
    return path


def _store_url(url: SecretStr) -> SecretStr:
    if leads_out(url.get_secret_value()):
        raise Misfit(
            "The database path has `..` in it.",
            "Write it from the folder of tallystick.toml, or in full.",
        )
    return url


def _number_format(text: str) -> str:
    """`{number}`, padded with zeros like `{number:04}` if wanted, and `{year}`: so no two
    numbers of a year can be spelled alike."""
    example = 'Write it like "INV-{year}-{number:04}".'
    try:
        parts = [part[1:] for part in Formatter().parse(text) if part[1] is not None]
    except ValueError:
        raise Misfit(f"{shown(text)} is not a number format.", example) from None
    if not any(name == "number" for name, *_ in parts):
        raise Misfit(f"{shown(text)} does not contain {{number}}.", example)
    for name, padding, conversion in parts:
        known = (name == "number" and _PADDING(padding or "")) or (name, padding) == ("year", "")
        if not known or conversion:
            raise Misfit(f"{shown(text)} contains more than {{number}} and {{year}}.", example)
    return text


def _names(value: Any) -> Any:
    """One name is a list of one."""
    return (value,) if isinstance(value, str) else value


def _of_window(term: str, window: Callable[[str], Window]) -> AfterValidator:
    """What billing refuses in a window of time, refused at its key."""

    def check(value: str) -> str:
        try:
            window(value)
        except ValueError as error:
            what, _, do = str(error).removeprefix(term).partition("; ")
            raise Misfit(f"`{term}`{what}.", f"{do[:1].upper()}{do[1:]}.") from None
        return value

    return AfterValidator(check)


def _ref(text: str) -> str:
    connection, colon, ref = text.partition(":")
    if not (connection and colon and ref):
        raise Misfit(
            f"{shown(text)} does not name a record of a connection.",
            'Write the connection, a colon and the id, like "psa:1001".',
        )
    return text


Text = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]
Amount = Annotated[Decimal, BeforeValidator(_amount)]
Percent = Annotated[Decimal, BeforeValidator(_percent)]
Whole = Annotated[int, BeforeValidator(_whole)]
Day = Annotated[date, BeforeValidator(_day)]
Month = Annotated[date, BeforeValidator(_month)]
AboveZero = Annotated[Decimal, BeforeValidator(_amount), AfterValidator(_above_zero)]
Zone = Annotated[ZoneInfo, BeforeValidator(_zone)]
Currency = Annotated[str, AfterValidator(_currency)]
CurrencyPair = Annotated[str, AfterValidator(_pair)]
Country = Annotated[str, AfterValidator(_country)]
Kind = Annotated[str, AfterValidator(_kind)]
ConnectionName = Annotated[str, AfterValidator(_connection)]
RelativePath = Annotated[Path, AfterValidator(plain_path)]
StoreUrl = Annotated[SecretStr, AfterValidator(_store_url)]
NumberFormat = Annotated[str, AfterValidator(_number_format)]
Names = Annotated[tuple[Text, ...], BeforeValidator(_names)]
Since = Annotated[Text, _of_window("since", lambda value: Window(since=value))]
Until = Annotated[Text, _of_window("until", lambda value: Window(until=value))]
Weekdays = Annotated[Text, _of_window("days", lambda value: Window(days=value))]
Calendar = Annotated[Text, _of_window("calendar", lambda value: Window(calendar=value))]
Ref = Annotated[str, AfterValidator(_ref)]
