"""Times of forward passes: a baseline for each kind of machine, apart from that of accuracies."""

import json
import time

import numpy as np
import pytest

from sparsebench.harness.forward_passes import ForwardPasses, Pass
from sparsebench.parts.documents import read_baseline
from sparsebench.parts.machine import machine_class
from sparsebench.shell import timing
from sparsebench.values.protocol import ReberStrings
from tests.shell import projects

JSON = "--sparsebench-json=result.json"

FORWARD = """
from dataclasses import dataclass

import pytest

from sparsebench.experiments.forward_time.cases import ForwardCase
from sparsebench.values.case import BaseCase
from sparsebench.values.protocol import Architecture, ReberStrings, Training
from sparsebench.values.semantics import SEMANTICS


@dataclass(frozen=True)
class Passes:
    semantics: str = "published"
    in_young_process = True

    @property
    def id(self):
        return "passes"

    def cases(self, seeds):
        shape = Architecture("rnn_tanh", layers=1, hidden_size=8)
        data = ReberStrings(40, 40, 20, 20)
        base = BaseCase(shape, 0, SEMANTICS[self.semantics], Training(epochs=1), data)
        return [ForwardCase(base, percent) for percent in (50, 90)]


@pytest.mark.sparsebench([Passes()])
def test_pass(item, sparsebench, time_together):
    measured = sparsebench.measure(item)
    time_together(measured)
    sparsebench.judge(measured)
"""


@pytest.fixture
def timed(project):
    """A project that times forward passes, beside the tiny benchmark."""
    project.makepyfile(test_pass=FORWARD)
    with (project.path / "tox.ini").open("a") as settings:
        settings.write("\nsparsebench_judge_speed = true\n")
    return project


@pytest.fixture
def even(timed, monkeypatch):
    """The same, where all networks take as long as the dense one, and a baseline of that."""

    def run():
        end = time.thread_time() + 2e-4
        while time.thread_time() < end:
            pass
        return np.zeros(2)

    each = Pass(network=run, dense=run, batch_size=40, steps=10)
    passes = ForwardPasses(batch=each, single=each, density=0.1, data=ReberStrings())
    monkeypatch.setattr(timing, "forward_passes", lambda case, bench: passes)
    monkeypatch.setattr(timing, "reference_passes", lambda data, size, bench: [run] * 4)
    projects.run(timed, "-k", "pass", "--sparsebench-update").assert_outcomes(passed=1)
    return timed


def times_file(project):
    """The one baseline of times."""
    (path,) = (project.path / "baselines" / "times").iterdir()
    return path


def expect(project, *factors):
    """Let the baseline of times expect as many times what it does, of each network."""
    document = json.loads(times_file(project).read_text())
    for record, factor in zip(document["records"], factors, strict=True):
        record["metrics"]["time_ratio"] *= factor
        ratios = record["history"]["time_ratios"]
        record["history"]["time_ratios"] = [ratio * factor for ratio in ratios]
    times_file(project).write_text(json.dumps(document))


def test_times_are_accepted_for_this_kind_of_machine_and_apart_from_accuracies(timed):
    result = projects.run(timed, "--sparsebench-update", JSON)
    result.assert_outcomes(passed=3)
    result.stdout.fnmatch_lines(["*8 added, 0 moved, 0 unchanged*"])
    baseline = read_baseline(times_file(timed))
    assert [record.case["percent"] for record in baseline.records] == [50, 90]
    assert {record.experiment for record in baseline.records} == {"forward"}
    assert all(record.metrics["time_ratio"] > 0 for record in baseline.records)
    (where,) = baseline.provenances.values()
    assert times_file(timed).stem == machine_class(where)
    assert {record.experiment for record in projects.known(timed)} == {"pruning"}


@pytest.mark.parametrize("fixture", ["time_forward", "time_together"])
def test_baselines_of_accuracies_hold_no_times(project, fixture):
    source = project.path / "test_tiny.py"
    source.write_text(source.read_text().replace("time_forward", fixture))
    projects.run(project, "--sparsebench-update", JSON).assert_outcomes(passed=2)
    measured = projects.result(project).records
    assert any(record.timing or "time_ratio" in record.metrics for record in measured)
    assert {record.timing for record in projects.known(project)} == {None}
    assert not any("time_ratio" in record.metrics for record in projects.known(project))


def test_times_that_nothing_judges_take_fewer_rounds(even, monkeypatch):
    """As on a machine of a kind that the baseline has no times of."""
    rounds = []
    noted = timing._note_ratios

    def note(measured, found):
        rounds.append(len(found))
        noted(measured, found)

    monkeypatch.setattr(timing, "_note_ratios", note)
    projects.run(even, "-k", "pass").assert_outcomes(passed=1)
    assert rounds[-1] % timing._ROUNDS == 0
    times_file(even).unlink()
    projects.run(even, "-k", "pass").assert_outcomes(skipped=1)
    assert rounds[-1] == timing._SHOWN_ROUNDS


def test_passes_that_take_as_long_as_before_are_green(even):
    projects.run(even, "-k", "pass", "--sparsebench-gate", JSON).assert_outcomes(passed=1)
    (verdict,) = projects.result(even).verdicts
    assert (verdict.kind, verdict.verdict) == ("baseline", "pass")
    assert verdict.expected == pytest.approx([1, 1], abs=0.2)
    assert verdict.measured == pytest.approx([1, 1], abs=0.2)


@pytest.mark.parametrize("factors", [(0.6, 0.6), (1, 0.6)])
def test_passes_that_were_faster_before_are_red(even, factors):
    expect(even, *factors)
    result = projects.run(even, "-k", "pass")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*passes: baseline fail*", "*forward times / dense *, expected *"])


def test_faster_passes_are_good_news_and_move_the_baseline_only_if_asked_to(even):
    expect(even, 2, 2)
    before = times_file(even).read_bytes()
    projects.run(even, "-k", "pass").assert_outcomes(passed=1)
    result = projects.run(even, "-k", "pass", "--sparsebench-update-new")
    result.stdout.fnmatch_lines(["*0 added, 0 moved, 0 unchanged, 2 kept*"])
    assert times_file(even).read_bytes() == before
    result = projects.run(even, "-k", "pass", "--sparsebench-update")
    result.stdout.fnmatch_lines(["*rewritten: 0 added, 2*", "*moved: forward*"])
    assert times_file(even).read_bytes() != before


def test_times_of_another_kind_of_machine_say_nothing(even):
    times_file(even).rename(times_file(even).with_name("abacus.json"))
    result = projects.run(even, "-k", "pass", "-rs")
    result.assert_outcomes(skipped=1)
    result.stdout.fnmatch_lines(["*baseline of times on this kind of machine, *baselines?times?*"])
    projects.run(even, "-k", "pass", "--sparsebench-gate").assert_outcomes(failed=1)
    result = projects.run(even, "-k", "pass", "--sparsebench-update-new")
    result.stdout.fnmatch_lines(["*2 added*"])
    assert len(list((even.path / "baselines" / "times").iterdir())) == 2


def test_nothing_is_gated_where_nothing_is_timed(even):
    expect(even, 0.6, 0.6)
    result = projects.run(even, "-k", "pass", "--benchmark-disable", "-rs")
    result.assert_outcomes(skipped=1)
    result.stdout.fnmatch_lines(["SKIPPED*not timed*"])


def test_what_was_not_timed_is_named_as_not_gated_under_the_gate_too(timed):
    options = ("--benchmark-disable", "--sparsebench-gate", "-rs")
    result = projects.run(timed, "-k", "pass", *options)
    result.assert_outcomes(skipped=1)
    result.stdout.fnmatch_lines(
        ["*passes: the forward passes were not timed and are not gated*--benchmark-disable*"]
    )


def test_passes_that_the_test_forgot_to_time_are_named_as_not_gated(timed):
    source = timed.path / "test_pass.py"
    source.write_text(source.read_text().replace("    time_together(measured)\n", ""))
    result = projects.run(timed, "-k", "pass", "--sparsebench-gate", "-rs")
    result.assert_outcomes(skipped=1)
    result.stdout.fnmatch_lines(["*call time_together(measured) before judge(measured)*"])


def test_times_that_nobody_asked_to_judge_fail_nothing(even):
    expect(even, 0.01, 0.01)
    settings = even.path / "tox.ini"
    settings.write_text(settings.read_text().replace("sparsebench_judge_speed = true", ""))
    result = projects.run(even, "-k", "pass", "--sparsebench-gate", "-rs")
    result.assert_outcomes(skipped=1)
    result.stdout.fnmatch_lines(["*reported and not gated*--sparsebench-judge-speed*"])


def test_the_summary_names_the_times_that_are_missing_and_how_to_take_them(even):
    for path in (even.path / "baselines").glob("times/*"):
        path.unlink()
    result = projects.run(even, "-k", "pass")
    result.assert_outcomes(skipped=1)
    result.stdout.fnmatch_lines(
        ["*1 item without times of this kind of machine in baselines?times:*", "*-update-new"]
    )
    result.stdout.no_fnmatch_line("*no records in*")
    result = projects.run(even, "-k", "pass", "--benchmark-disable")
    result.assert_outcomes(skipped=1)
    result.stdout.fnmatch_lines(["*1 item not timed*leave out -n, --benchmark-disable*"])
    result.stdout.no_fnmatch_line("*accept*")


def test_the_summary_tells_items_without_a_baseline_from_passes_without_times(timed):
    result = projects.run(timed, "--benchmark-disable")
    result.assert_outcomes(skipped=3)
    result.stdout.fnmatch_lines(
        ["*2 items new: no records in baselines?thesis,*", "*1 item not timed*"]
    )


def test_an_update_without_times_says_that_it_wrote_none(timed):
    options = ("-k", "pass", "--benchmark-disable", "--sparsebench-update")
    result = projects.run(timed, *options)
    result.stdout.fnmatch_lines(
        ["*no baseline rewritten: 0 added*", "*2 forward passes were not timed and not accepted*"]
    )
    assert not list((timed.path / "baselines").glob("**/*.json"))


def test_times_that_nothing_gates_are_called_so_where_they_are_shown(project):
    result = projects.run(project, "-v")
    result.stdout.fnmatch_lines(["time / dense: forward time over the dense network's; shown, *"])
    result = projects.run(project, "-v", "--benchmark-disable")
    result.stdout.no_fnmatch_line("*gated by nothing*")


def test_timing_records_with_care_that_the_gate_does_not_look_at_gives_a_warning(project):
    source = project.path / "test_tiny.py"
    source.write_text(source.read_text().replace("time_forward", "time_together"))
    result = projects.run(project, "-k", "p50")
    result.stdout.fnmatch_lines(["*NotGated: the times of pruning records*ForwardCase*"])


@pytest.mark.parametrize("update", ["--sparsebench-update", "--sparsebench-update-new"])
def test_what_is_not_timed_gets_into_no_baseline(timed, update):
    projects.run(timed, "--benchmark-disable", update)
    assert list((timed.path / "baselines").glob("times/*")) == []
    assert {record.experiment for record in projects.known(timed)} == {"pruning"}


@pytest.mark.parametrize(
    "options",
    [
        pytest.param(["-p", "no:benchmark"], id="no-benchmark"),
        pytest.param(["-n", "1"], id="xdist"),
    ],
)
def test_times_that_cannot_be_taken_are_skipped_under_the_gate_too(even, options):
    expect(even, 0.01, 0.01)
    result = even.runpytest_subprocess("test_pass.py", "-rs", *options)
    result.assert_outcomes(skipped=1)
    result.stdout.fnmatch_lines(["*1 item not timed*: leave out -n*", "SKIPPED*not timed*"])
    result = even.runpytest_subprocess("test_pass.py", "--sparsebench-gate", "-rs", *options)
    result.assert_outcomes(skipped=1)
    result.stdout.fnmatch_lines(["SKIPPED*not timed*"])


@pytest.mark.parametrize("content", ["{", '{"schema": 99, "kind": "sparsebench-baseline"}'])
def test_a_bad_file_of_times_is_refused_before_any_work(even, content):
    times_file(even).write_text(content)
    result = projects.run(even, "--sparsebench-seeds=1")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*times?*.json: not a sparsebench document*"])


def test_times_are_taken_before_anything_else_runs(pytester):
    pytester.makepyfile(test_a="def test_first_in_the_folder(): pass", test_b=FORWARD)
    result = pytester.runpytest_subprocess("--collect-only", "-q")
    names = [line for line in result.stdout.lines if "::" in line]
    assert [name.partition("::")[0] for name in names] == ["test_b.py", "test_a.py"]
