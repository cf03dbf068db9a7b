"""`make mutants`: what of billing could be wrong without a test noticing, by mutmut.

    python tests/mutants/run.py              every room of billing
    python tests/mutants/run.py billing/tax  one room

mutmut names a mutant after its path, so it works in build/mutants, where `src` is core. A mutant
that was killed stays killed until its function changes: a second run tries only the others.
Sentences are left alone: what a person reads is not held word for word, what decides is.
"""

from __future__ import annotations

import ast
import os
import shutil
import sys
from bisect import bisect
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from types import SimpleNamespace

import libcst as cst
import mutmut.__main__ as command
from mutmut.configuration import config
from mutmut.mutation import mutators
from mutmut.mutation.data import SourceFileMutationData
from mutmut.mutation.diff_apply import get_diff_for_mutant
from mutmut.mutation.file_mutation import (
    FailedTypeCheckMutant,
    MutatedMethodLocation,
    group_by_path,
)
from mutmut.runners.harness import PytestRunner
from mutmut.state import state
from mutmut.stats import status_by_exit_code
from mutmut.type_checking import run_type_checker
from mutmut.utils.file_utils import change_cwd, walk_mutatable_files
from mutmut.utils.format_utils import get_mutant_name, is_mutated_method_name

ROOT = Path(__file__).resolve().parents[2]
YARD = ROOT / "build" / "mutants"
SEEN = ("killed", "timeout", "caught by type check")
UNTRIED = "not checked"


def lay_out() -> None:
    """The checkout as mutmut wants it: links only, mutmut makes its own copy under them."""
    YARD.mkdir(parents=True, exist_ok=True)
    names = {
        name: name for name in ("core", "docs", "mappings", "plugins", "tests", "pyproject.toml")
    }
    for name, target in {**names, "src": "core"}.items():
        if not (YARD / name).is_symlink():
            (YARD / name).symlink_to(ROOT / target)
    os.chdir(YARD)
    os.environ["PATH"] = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    os.environ["MYPYPATH"] = "src"
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    sys.dont_write_bytecode = False  # thousands of processes read what one of them compiled


def forget_tests() -> None:
    """Which test reaches what is measured anew: mutmut asks a test that grew only what it knew."""
    shutil.rmtree(YARD / "mutants/tests", ignore_errors=True)
    (YARD / "mutants/mutmut-stats.json").unlink(missing_ok=True)


def sentence(node: cst.CSTNode) -> bool:
    """A text a person reads: it has a space in it."""
    if isinstance(node, cst.ConcatenatedString):
        return sentence(node.left) or sentence(node.right)
    if isinstance(node, cst.FormattedString):
        parts = node.parts
        return any(isinstance(p, cst.FormattedStringText) and " " in p.value for p in parts)
    return isinstance(node, cst.SimpleString) and " " in node.value


def without_sentences() -> None:
    """No mutant of a sentence, and none that puts None in its place or leaves it out of a call."""

    def strings(node: cst.BaseString) -> Iterable[cst.BaseString]:
        return () if sentence(node) else mutators.operator_string(node)

    def arguments(node: cst.Call) -> Iterator[cst.Call]:
        said = sum(sentence(argument.value) for argument in node.args)
        for mutant in mutators.operator_arg_removal(node):
            if sum(sentence(argument.value) for argument in mutant.args) == said:
                yield mutant

    ours = {mutators.operator_string: strings, mutators.operator_arg_removal: arguments}
    operators = mutators.mutation_operators
    operators[:] = [(kind, ours.get(operator, operator)) for kind, operator in operators]


def quickest_first(_: PytestRunner, tests: Iterable[str]) -> list[str]:
    """What pytest is asked: mutmut keeps no order, and most mutants fall to a quick test."""
    took_s = state().duration_by_test
    asked = sorted(tests, key=lambda test: (took_s.get(test, 0), test))
    return ["-x", "-q", *(asked or config().pytest_add_cli_args_test_selection)]


def refused_by_types() -> dict[str, FailedTypeCheckMutant]:
    """As mutmut finds them, in seconds: it takes minutes to tell which mutant an error is in."""
    refused: dict[str, FailedTypeCheckMutant] = {}
    with change_cwd(Path("mutants")):
        errors = run_type_checker(config().type_check_command)
        for path, own in group_by_path(errors).items():
            spans = [
                (min(one.lineno for one in (node, *node.decorator_list)), node)
                for node in ast.walk(ast.parse(path.read_text("utf-8")))
                if isinstance(node, ast.FunctionDef) and is_mutated_method_name(node.name)
            ]
            spans.sort(key=lambda span: span[0])
            starts = [start for start, _ in spans]
            for error in own:
                start, node = spans[bisect(starts, error.line_number) - 1]
                end = node.end_lineno or start
                if not start <= error.line_number <= end:
                    raise SystemExit(f"A type error is in no mutant: {error}")
                name = get_mutant_name(path.relative_to(Path.cwd()), node.name)
                place = MutatedMethodLocation(path, node.name, start, end)
                refused[name] = FailedTypeCheckMutant(place, name, error)
    return refused


def found(rooms: Sequence[str]) -> Iterator[tuple[str, str, Path]]:
    """Each mutant of the rooms: its name, what became of it, its file."""
    wanted = tuple(f"src/tallystick/{room}" for room in rooms)
    for path in walk_mutatable_files():
        if str(path).startswith(wanted):
            data = SourceFileMutationData(path=path)
            data.load()
            for name, code in data.exit_code_by_key.items():
                yield name, status_by_exit_code[code], path


def _named(mutant: str, name: str) -> bool:
    return "*" in name and fnmatchcase(mutant, name)


def report(rooms: Sequence[str]) -> None:
    """Each mutant nothing noticed as a difference, and the figures of every room."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for name, status, path in found(rooms):
        counts[path.parts[3].removesuffix(".py")][status] += 1
        if status not in (*SEEN, UNTRIED):
            print(f"# {status}: {name}\n{get_diff_for_mutant(name, path=path)}")
    print("| room | mutants | by types | by tests | unnoticed | not tried | noticed by tests |")
    print("|---|---|---|---|---|---|---|")
    for room, one in [*sorted(counts.items()), ("**all**", sum(counts.values(), Counter()))]:
        tests = one["killed"] + one["timeout"]
        unnoticed = one.total() - tests - one["caught by type check"] - one[UNTRIED]
        share = f"{tests / (tests + unnoticed):.1%}" if tests + unnoticed else ""
        figures = (one.total(), one["caught by type check"], tests, unnoticed, one[UNTRIED], share)
        print(f"| {room} |", " | ".join(map(str, figures)), "|")


def main() -> None:
    rooms = [room.strip("/") for room in sys.argv[1:]] or ["billing"]
    lay_out()
    without_sentences()
    names = [name for name, status, _ in found(rooms) if status not in SEEN]
    if names or not any(found(rooms)):
        forget_tests()
        modules = [room.removesuffix(".py").replace("/", ".") for room in rooms]
        command.fnmatch = SimpleNamespace(
            fnmatch=_named
        )  # thousands of names against thousands of mutants
        command.filter_mutants_with_type_checker = refused_by_types
        PytestRunner._pytest_args_regular_run = quickest_first
        command._run(names or [f"tallystick.{module}.*" for module in modules], max_children=2)
    report(rooms)


if __name__ == "__main__":
    main()
