"""`tallystick init`: a configuration that works, from a few answers and the files at hand."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import TypeAdapter, ValidationError

from tallystick.config.exports import Exports
from tallystick.config.render import MAPPING, Answers, render_config, render_mapping
from tallystick.config.sources import FILE
from tallystick.config.values import Amount, Country, Currency, Percent, Text, Zone
from tallystick.errors import Stop
from tallystick.mapping.twoway import Misfit

Ask = Callable[[str, str], str]
"""Puts a question with the answer that Enter gives, and returns the answer."""
TRIES = 3


class Question(NamedTuple):
    """`key` is the field of `Answers`, `type` what the answer must be; an empty one may stay
    so where it is `optional`."""

    key: str
    text: str
    default: str
    type: Any
    optional: bool = False


QUESTIONS = (
    Question("name", "Your company's name", "", Text),
    Question("country", "Its country, two letters", "DE", Country),
    Question("zone", "Time zone that decides which day work belongs to", "Europe/Berlin", Zone),
    Question("currency", "Currency you invoice in", "EUR", Currency),
    Question("tax_percent", "Standard tax rate in percent, 0 if you charge none", "", Percent),
    Question("hourly", "Price of an hour billed by time, empty if there is none", "", Amount, True),
)


def gather(ask: Ask, given: Mapping[str, str]) -> Answers:
    """The answers: from `given` (by `Question.key`) where it has one, else asked.

    An answer that does not fit is asked for again, with the reason; raises `Stop` for a given
    one, or after the third try.
    """
    return Answers(**{one.key: _answer(one, ask, given.get(one.key)) for one in QUESTIONS})


def _answer(question: Question, ask: Ask, given: str | None) -> str:
    text, said = question.text, ""
    for _ in range(TRIES):
        answer = (ask(text, question.default) if given is None else given).strip()
        said = _objection(question, answer)
        if not said:
            return answer
        if given is not None:
            break
        text = f"{said}\n{question.text}"
    raise Stop(said, do=f"Answer `{question.text}` again.")


def _objection(question: Question, answer: str) -> str:
    """Why the answer will not do, or nothing."""
    if not answer:
        return "" if question.optional else "It needs an answer."
    try:
        TypeAdapter(question.type).validate_python(answer)
    except ValidationError as error:
        cause = error.errors()[0].get("ctx", {}).get("error")
        return f"{cause.what} {cause.do}" if isinstance(cause, Misfit) else "It does not fit."
    return ""


def init(folder: Path, ask: Ask, exports: Exports, given: Mapping[str, str]) -> list[Path]:
    """Write `tallystick.toml`, and a mapping file if there is anything to map, into `folder`.

    Returns the files written. Raises `Stop` when one of them exists: nothing is overwritten,
    and nothing is written then.
    """
    paths = [folder / FILE, *([folder / MAPPING] if exports.columns else [])]
    for path in paths:
        if path.exists():
            raise Stop(
                f"{path} exists already, and was left as it is.",
                do="Edit it, or move it away and run `tallystick init` again.",
            )
    answers = gather(ask, given)
    texts = [render_config(answers, exports)]
    texts.append(render_mapping(exports, answers.zone, answers.currency))
    for path, text in zip(paths, texts, strict=False):
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8", newline="\n") as file:
            file.write(text)
    return paths
