"""`values`: a vendor's word for each of our words. A word that is not listed is never guessed."""

from __future__ import annotations

from collections.abc import Collection
from functools import partial
from typing import Any

from tallystick.mapping.twoway import Column, Misfit, TwoWay, one_by_one, shown


def translated(values: object, push: Collection[str] | None, two_way: TwoWay) -> TwoWay:
    """`two_way` followed by the table `values` (vendor's word -> ours) on the way in, preceded by
    it on the way out.

    Where several of the vendor's words mean one of ours, `push` must contain the one to write;
    it is None for an entry that is never written. Raises `Misfit`.
    """
    if not isinstance(values, dict) or not values:
        raise Misfit(
            "`values` is not a table.", 'Write it as { "vendor\'s word" = "our word", ... }.'
        )
    try:
        ours_by_theirs = {two_way.read(spelled): ours for spelled, ours in values.items()}
    except TypeError:
        raise Misfit(
            "`values` translates single values, which a list is not.", "Remove `values` or `as`."
        ) from None
    if len(ours_by_theirs) < len(values):
        raise Misfit("`values` has one vendor's value in two spellings.", "Keep one of them.")
    theirs_by_ours = [] if push is None else _pushed(values, push, two_way)

    def read(value: Any) -> Any:
        theirs = two_way.read(value)
        try:
            return ours_by_theirs[theirs]
        except (KeyError, TypeError):
            raise Misfit(
                f"{shown(value)} is not one of the values the mapping knows"
                f" ({', '.join(map(shown, values))}).",
                "Add it to `values` with its meaning.",
            ) from None

    def write(value: Any) -> Any:
        for ours, theirs in theirs_by_ours:
            if ours == value:
                return two_way.write(theirs)
        raise Misfit(
            f"The vendor has no word for {shown(value)}.", "Add one to `values` in the mapping."
        )

    def many(column: Column) -> Column:
        read_all = two_way.many or partial(one_by_one, two_way.read)
        return [None if one is None else ours_by_theirs[one] for one in read_all(column)]

    return TwoWay(read, write, many)


def _pushed(
    values: dict[str, Any], push: Collection[str], two_way: TwoWay
) -> list[tuple[Any, Any]]:
    """(our word, the vendor's word to write for it), each of ours once."""
    unknown = [word for word in push if word not in values]
    if unknown:
        raise Misfit(
            f"`push` names {unknown[0]!r}, which is not in `values`.",
            "Name a vendor's word that `values` translates.",
        )
    pairs: list[tuple[Any, Any]] = []
    for ours in values.values():
        if any(ours == seen for seen, _ in pairs):
            continue
        words = [word for word, meaning in values.items() if meaning == ours]
        candidates = words if len(words) == 1 else [word for word in words if word in push]
        if len(candidates) != 1:
            raise Misfit(
                f"{' and '.join(map(repr, words))} all mean {shown(ours)}, and nothing says which"
                " one to write.",
                f'Choose with `push = "{words[0]}"`, or never write it: `push = false`.',
            )
        pairs.append((ours, two_way.read(candidates[0])))
    return pairs
