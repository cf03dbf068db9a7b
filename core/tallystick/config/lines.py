"""Contract lines before anything is billed by them: do their model, terms and rate card exist?"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

import msgspec

from tallystick.billing.charges import ChargeModel
from tallystick.config.samples import Converters, Sample, as_spelled
from tallystick.errors import Problem, SkipRecord, Stop
from tallystick.mapping import MappingFile, load_mapping
from tallystick.mapping.entries import suggest
from tallystick.records import ContractLine


def read_lines(
    files: Sequence[MappingFile], samples: Mapping[str, Sample], converters: Converters
) -> Iterator[tuple[str, ContractLine]]:
    """The sampled contract lines that can be read, each with its place."""
    one = samples.get("contract_line")
    if one is None:
        return
    try:
        mapping = load_mapping(files, converters).get("contract_line")
    except Stop:
        return  # the check of the mapping says so
    if files and mapping is None:
        return
    for row in one.rows:
        try:
            line = mapping.record(row.raw) if mapping else as_spelled("contract_line", row)
        except (SkipRecord, msgspec.ValidationError):
            continue  # the check of the mapping says so
        yield row.place, line


def unpriceable(
    lines: Iterable[tuple[str, ContractLine]],
    models: Mapping[str, ChargeModel],
    cards: Collection[str],
) -> Iterator[Problem]:
    """Contract lines whose charge model, terms or rate card do not exist."""
    for place, line in lines:
        if line.model not in models:
            what = f"There is no charge model {line.model!r}.{suggest(line.model, models)}"
            yield Problem(place, what, f"Known are {', '.join(models)}.")
            continue
        try:
            terms = models[line.model].read_terms(line)
        except SkipRecord as error:
            yield error.as_problem(place)
            continue
        card = getattr(terms, "rate_card", None)
        if card is not None and card not in cards:
            what = f"There is no rate card {card!r}.{suggest(card, cards)}"
            yield Problem(place, what, "Correct it, or add it as [[rate_card]].")
