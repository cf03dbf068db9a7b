"""JSON one may book from: every number exact, every key once.

Most is read by msgspec, which is quick and does not see a key that comes twice. So the keys of the
value are counted against what looks like keys in the text, which are never fewer than there are:
equal counts prove that none was lost. Everything else is read slowly, and says what is wrong.
"""

from __future__ import annotations

import gc
import json
from decimal import Decimal
from functools import lru_cache
from itertools import chain
from typing import Any, Final, NoReturn

import msgspec

REMEMBERED: Final = 4096
"""Numbers by their text: hours, rates and quantities repeat."""
EXPONENT_MAX: Final = 30
"""No amount, rate or quantity has as many digits before its point; `1e400` would fill memory."""
_BLANKS: Final = b" \t\r\n"
_SAME: Final = bytes(range(256))
"""Every byte by itself: with a table, blanks are deleted in half the time."""
_BOM: Final = b"\xef\xbb\xbf"


class DubiousError(ValueError):
    """JSON that different readers read differently."""


def exact_json(body: bytes) -> Any:
    """The value of `body`, numbers with a point as `Decimal`.

    Raises `DubiousError` where different readers would read it differently, `ValueError` or
    `RecursionError` where it is no JSON.
    """
    plain = body.removeprefix(_BOM)
    try:
        value = _QUICK.decode(plain)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return _read_slowly(plain)
    if _key_ends(plain) == _keys_in(value):
        return value
    return _read_slowly(plain)


def _key_ends(body: bytes) -> int:
    """What looks like the end of a key, with blanks before its colon or without."""
    return body.translate(_SAME, _BLANKS).count(b'":')


def _keys_in(value: Any) -> int:
    """Counted level by level: so most of it is done without a step for each value. An object that
    Python's collector does not watch holds nothing but plain values."""
    count, level = 0, [value]
    while level:
        objects = [one for one in level if type(one) is dict]
        lists = [one for one in level if type(one) is list]
        count += sum(map(len, objects))
        nested = filter(gc.is_tracked, objects)
        parts = chain(chain.from_iterable(map(dict.values, nested)), chain.from_iterable(lists))
        level = [one for one in parts if type(one) is dict or type(one) is list]
    return count


def _read_slowly(body: bytes) -> Any:
    return json.loads(
        body.decode(),
        parse_float=_decimal,
        parse_int=_integer,
        parse_constant=_no_number,
        object_pairs_hook=_each_once,
    )


def _decimal(text: str) -> Decimal:
    number = Decimal(text)
    if number and abs(number.adjusted()) > EXPONENT_MAX:
        raise DubiousError(f"a number as {text[:20]}")
    return number


_QUICK: Final = msgspec.json.Decoder(float_hook=lru_cache(REMEMBERED)(_decimal))


def _integer(text: str) -> int:
    digits = len(text.lstrip("-"))
    if digits > EXPONENT_MAX:
        raise DubiousError(f"a number of {digits} digits")
    return int(text)


def _no_number(text: str) -> NoReturn:
    raise DubiousError(f"{text} where a number should be")


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise DubiousError(f"the key {twice[:40]!r} twice in one object")
    return found
