"""Items that failed: the worst first, with what was measured, or why it failed, and a command."""

import pytest

from sparsebench.experiments.capacity.report_items import RecallItem
from sparsebench.experiments.pruning.items import PruningItem
from sparsebench.parts.records import Record, Verdict
from sparsebench.shell.failing import failing, failing_lines
from sparsebench.shell.gathering import Gathered, attach
from sparsebench.values.identity import canonical, digest
from tests.judging.records import records


class Measured:
    """What an item measured, as far as its reports carry it."""

    def __init__(self, found, *verdicts):
        self.item, self.records = None, found
        self.outcome = type(
            "Outcome", (), {"status": "failed", "verdicts": verdicts, "estimates": ()}
        )


def verdict(found, expected, measured, kind="baseline", reason="numbers"):
    return Verdict(
        item="an item", kind=kind, verdict="fail", statement="as it was", expected=expected,
        measured=measured, interval=None, source="fig 6.7", reason=reason,
        digests=[each.digest for each in found],
    )  # fmt: skip


def gathered(*tests):
    """A run whose tests failed: each with its name, records, verdicts and the reason it gave."""
    run = Gathered()
    for name, found, verdicts, reason in tests:
        report = pytest.TestReport(name, ("", 0, ""), {}, "failed", reason, "call")
        attach(report, [Measured(found, *verdicts)] if found else [], {})
        run.add(report)
    return run


def pruned(percent, accuracies):
    return records(PruningItem("gru", "both", percent), accuracies)


def losses(values):
    cases = RecallItem("lstm", (16,), 10).cases(range(len(values)))
    return [
        Record(digest=digest(case), experiment="task", case=canonical(case), metrics={"loss": loss})
        for case, loss in zip(cases, values, strict=False)
    ]


def told(*tests):
    return [each.told for each in failing(gathered(*tests))]


def test_the_worst_comes_first_and_what_did_not_fall_last():
    tests = []
    for percent, fall in ((10, 0.01), (20, -0.2), (30, 0.3), (40, 0.1)):
        found = pruned(percent, [0.6, 0.6])
        tests.append((f"p{percent}", found, [verdict(found, [0.6, 0.6 + fall], [0.6, 0.6])], ""))
    tests.append(("broken", [], [], "ValueError: no\nmore"))
    found = failing(gathered(*tests))
    assert [each.item.nodeid for each in found] == ["p30", "p40", "p10", "p20", "broken"]
    assert found[0].fall == pytest.approx(1 / 3)
    assert found[-1].told == "broken: ValueError: no"


def test_a_loss_falls_by_growing():
    grown, shrunk = losses([0.2]), pruned(50, [0.6])
    found = failing(
        gathered(
            ("small", shrunk, [verdict(shrunk, [0.61], [0.6])], ""),
            ("loss", grown, [verdict(grown, [0.1], [0.2])], ""),
        )
    )
    assert [each.item.nodeid for each in found] == ["loss", "small"]
    assert found[0].told == "an item: loss 0.2000, expected 0.1000 (+0.1000)"


def test_other_bits_of_the_same_figures_are_told_by_their_numbers():
    found = pruned(50, [0.6])
    line = "an item: accuracy as before, but weights are another"
    assert told(
        ("p50", found, [verdict(found, [0.6], [0.6], reason="weights are another")], "")
    ) == [line]


def test_many_figures_are_told_by_their_mean():
    found = pruned(50, [0.6] * 5)
    (line,) = told(("p50", found, [verdict(found, [0.7] * 5, [0.6] * 5)], ""))
    assert line == ("an item: accuracy 0.6000 (mean of 5), expected 0.7000 (mean of 5) (-0.1000)")


def test_a_claim_that_is_contradicted_is_told_with_its_source():
    found = pruned(50, [0.6])
    claim = verdict(found, [0.9, 1.0], [0.6], kind="claim", reason="0 of 8 seeds")
    assert told(("p50", found, [claim], "")) == [
        "an item: claim contradicted: as it was (fig 6.7); 0 of 8 seeds"
    ]


def test_each_has_its_command_and_the_rest_is_counted():
    found = failing(gathered(*((f"f.py::t[{n}]", [], [], "AssertionError") for n in range(12))))
    lines = [*failing_lines(found, "again {}".format)]
    assert lines[0] == ("t[0]: AssertionError", "again f.py::t[0]")
    assert len(lines) == 11
    assert lines[-1] == ("and 2 more; the same command with --lf runs all that failed again", "")


def test_a_green_run_has_none():
    run = Gathered()
    run.add(pytest.TestReport("t", ("", 0, ""), {}, "passed", None, "call"))
    assert failing(run) == []
