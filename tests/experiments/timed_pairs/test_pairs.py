"""Pairs of functions are timed in turn, and the gate sees a fifth more time."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from sparsebench.experiments.timed_pairs.cases import TimedPairCase
from sparsebench.experiments.timed_pairs.comparison import DRIFT, SLOWER, pairs_change
from sparsebench.experiments.timed_pairs.items import pair_items
from sparsebench.parts.records import Record
from sparsebench.values.identity import canonical, digest, restore

CASE = TimedPairCase("a step, beside the dense one")


def record(ratio: float) -> Record:
    metrics = {"time_ratio": ratio, "fastest": ratio, "fastest_other": 1.0}
    return Record(
        digest=digest(CASE), experiment="timed_pair", case=canonical(CASE), metrics=metrics
    )


def test_a_case_is_what_its_name_says() -> None:
    named = TimedPairCase(CASE.name, first=lambda: 1, second=lambda: 2)
    assert named == CASE
    assert digest(named) == digest(CASE) == "82af2c8a913ba5bde6a44b4b633d371a"
    assert restore(canonical(named)) == CASE


@pytest.mark.parametrize(
    ("factor", "kind"),
    [(1.0, "unchanged"), (1.11, "unchanged"), (1.2, "regressed"), (0.8, "improved")],
)
def test_a_fifth_more_is_a_regression_and_a_tenth_is_not(factor: float, kind: str) -> None:
    assert pairs_change([record(0.5)], [record(0.5 * factor)]).kind == kind
    assert SLOWER * DRIFT < 1.2  # also in another run


def test_other_functions_decide_nothing() -> None:
    other = TimedPairCase("another")
    unknown = replace(record(1.0), digest=digest(other), case=canonical(other))
    assert pairs_change([unknown], [record(0.5)]).kind == "undecided"


@pytest.mark.parametrize(
    ("pairs", "error", "message"),
    [
        ([print], TypeError, "pairs is"),
        ({"one": print}, TypeError, "give two functions"),
        ({"one": (print, 3)}, TypeError, "second is 3"),
        ({"": (print, print)}, ValueError, "says what is timed"),
        ({"шаг": (print, print)}, ValueError, "'шаг', without a letter a-z or a digit"),
        (
            {"a b": (print, print), "c": (print, print), "A-b": (print, print)},
            ValueError,
            "'a b' and 'A-b' have the same id, a-b: give two",
        ),
    ],
)
def test_what_is_no_pair_is_refused(pairs: object, error: type, message: str) -> None:
    with pytest.raises(error, match=message):
        pair_items(pairs)  # type: ignore[arg-type]


PROJECT = """
import time
import pytest
from sparsebench import pair_items

def busy(seconds):
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        pass

ITEMS = pair_items({"Mine, beside theirs": (lambda: busy(SECONDS), lambda: busy(0.001))}, rounds=5)

@pytest.mark.sparsebench(ITEMS)
def test_pair(item, sparsebench):
    sparsebench.judge(sparsebench.measure(item))
"""


def test_a_slower_function_turns_the_gate_red(pytester: pytest.Pytester) -> None:
    path = pytester.makepyfile(test_pair=PROJECT.replace("SECONDS", "0.001"))
    pytester.runpytest("--sparsebench-update").assert_outcomes(passed=1)
    reported = pytester.runpytest()
    reported.assert_outcomes(skipped=1)
    reported.stdout.fnmatch_lines(["*times of 1 item are reported and not judged:*"])
    gate = "--sparsebench-gate", "--sparsebench-judge-speed"
    green = pytester.runpytest(*gate, "-v")
    green.assert_outcomes(passed=1)
    green.stdout.fnmatch_lines(["*test_pair[[]mine-beside-theirs[]]*"])
    path.write_text(PROJECT.replace("SECONDS", "0.00125"), encoding="utf-8")
    red = pytester.runpytest(*gate)
    red.assert_outcomes(failed=1)
    red.stdout.fnmatch_lines(["*times as long, allowed is 1.12*"])
