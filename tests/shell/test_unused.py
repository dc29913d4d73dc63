"""Records of a baseline that no benchmark asks for: reported by whole runs, never deleted."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparsebench.experiments.base.items import BaseItem
from sparsebench.experiments.capacity.report_items import OptimisersItem, RecallItem
from sparsebench.experiments.equal_parameters.items import four_ways_items
from sparsebench.experiments.finetuning.items import FinetuningItem
from sparsebench.experiments.pruning.items import PruningItem
from sparsebench.experiments.random_wiring.items import wired_pruning_items
from sparsebench.parts.records import Record
from sparsebench.shell.unused import unused
from sparsebench.values.identity import canonical, digest
from tests.harness.settings import settings
from tests.shell import projects
from tests.shell.test_task_runs import TASK

ITEMS = "[TinyItem(50), TinyItem(90)]"
UNUSED = "unused *"


def ask(project, items):
    """Let the benchmark ask for other items."""
    source = project.path / "test_tiny.py"
    text = source.read_text()
    assert ITEMS in text
    source.write_text(text.replace(ITEMS, items))


@pytest.fixture
def shrunk(project):
    """A project with a baseline of two items, of which the benchmark asks for one."""
    projects.accept(project)
    project.makepyfile(test_other="def test_other(): pass")
    ask(project, "[TinyItem(50)]")
    return project


def test_what_no_benchmark_asks_for_is_reported_by_digest_and_kept(shrunk):
    gone = [each.digest for each in projects.known(shrunk) if each.case["percent"] == 90]
    before = projects.baseline_file(shrunk).read_bytes()
    result = projects.run(shrunk)
    result.assert_outcomes(passed=2)
    assert result.ret == pytest.ExitCode.OK
    said = told(result)
    assert said.startswith(
        "3 records of baselines/thesis (3 pruning) asked for by no benchmark of "
    )
    assert "delete" not in said
    assert all(digest in said for digest in gone)
    assert projects.baseline_file(shrunk).read_bytes() == before


def told(result):
    """What a run says of unused records, in a line."""
    lines = result.stdout.lines
    (start,) = [number for number, line in enumerate(lines) if line.startswith("unused ")]
    rest = itertools.takewhile(lambda line: line.startswith(" " * 10), lines[start + 1 :])
    return " ".join([lines[start].removeprefix("unused").strip(), *(line.strip() for line in rest)])


def test_the_first_of_many_are_spelled_out(project):
    projects.run(project, "--sparsebench-update", "--sparsebench-seeds=5")
    ask(project, "[TinyItem(60)]")
    said = told(projects.run(project))
    assert said.startswith("10 records of")
    assert said.endswith(" ...")


def test_of_a_baseline_that_lies_elsewhere_nothing_is_said(shrunk, tmp_path_factory):
    """It is somebody else's, whose benchmarks may ask for all of it."""
    elsewhere = tmp_path_factory.mktemp("elsewhere") / "baselines"
    (shrunk.path / "baselines").rename(elsewhere)
    result = projects.run(shrunk, f"--sparsebench-baselines={elsewhere}")
    result.assert_outcomes(passed=2)
    result.stdout.no_fnmatch_line(UNUSED)


@pytest.mark.parametrize("marked", [True, False])
def test_where_other_files_of_the_project_have_benchmarks_nothing_is_said(shrunk, marked):
    folder = shrunk.mkdir("more")
    mark = "@pytest.mark.sparsebench(items=list)" if marked else "# not .sparsebench"
    (folder / "test_more.py").write_text(f"import pytest\n{mark}\ndef test(item): pass\n")
    inner = shrunk.mkdir("inner")
    (shrunk.path / "test_tiny.py").rename(inner / "test_tiny.py")
    result = projects.run(shrunk, "inner")
    result.assert_outcomes(passed=1)
    if marked:
        result.stdout.no_fnmatch_line(UNUSED)
    else:
        assert told(result).startswith("3 records")


def test_what_was_just_measured_is_not_unused(project):
    """A benchmark may measure more than its marker says."""
    projects.accept(project)
    ask(project, "[TinyItem(50)]")
    projects.insert(project, "sparsebench.measure(TinyItem(90))", before="measure")
    result = projects.run(project)
    result.assert_outcomes(passed=1)
    result.stdout.no_fnmatch_line(UNUSED)


@pytest.mark.parametrize(
    "options",
    [
        ["-k", "p50"],
        ["-m", "sparsebench"],
        ["test_tiny.py"],
        ["test_tiny.py::test_tiny"],
        [".", "test_tiny.py"],
        ["--deselect=test_other.py::test_other"],
        ["--ignore=test_other.py"],
        ["--ignore-glob=*other*"],
    ],
)
def test_a_run_of_some_items_says_nothing_of_the_others(shrunk, options):
    result = projects.run(shrunk, *options)
    assert result.parseoutcomes()["passed"] >= 1
    result.stdout.no_fnmatch_line(UNUSED)


def test_a_file_that_cannot_be_collected_may_ask_for_anything(shrunk):
    shrunk.makepyfile(test_other="import nothing_of_this_name")
    result = projects.run(shrunk, "--continue-on-collection-errors")
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.no_fnmatch_line(UNUSED)


@pytest.mark.parametrize("update", ["--sparsebench-update", "--sparsebench-update-new"])
def test_updates_delete_nothing(shrunk, update):
    projects.run(shrunk, update).stdout.fnmatch_lines([UNUSED])
    assert {record.case["percent"] for record in projects.known(shrunk)} == {50, 90}


def test_a_baseline_of_which_all_is_asked_for_is_not_spoken_of(project):
    projects.accept(project)
    projects.run(project).stdout.no_fnmatch_line(UNUSED)


def test_more_seeds_and_other_semantics_than_this_run_s_are_asked_for(project):
    projects.run(
        project, "--sparsebench-update", "--sparsebench-seeds=4", "--sparsebench-semantics=both"
    ).assert_outcomes(passed=4)
    assert len(projects.known(project)) == 16
    result = projects.run(project, "--sparsebench-seeds=1")
    result.assert_outcomes(passed=2)
    result.stdout.no_fnmatch_line(UNUSED)


def test_what_another_profile_asks_for_is_not_unused(project):
    ask(
        project, "items=lambda chosen: [TinyItem(each) for each in chosen.work.retraining_percents]"
    )
    projects.run(project, "--sparsebench-update").assert_outcomes(passed=2)
    result = projects.run(project, "--sparsebench-profile=smoke")
    result.assert_outcomes(passed=1)
    result.stdout.no_fnmatch_line(UNUSED)


def test_items_that_cannot_be_told_for_another_profile_cost_no_update(project):
    ask(project, "items=lambda chosen: {'quick': [TinyItem(50)]}[chosen.profile]")
    projects.run(project, "-k", "p50", "--sparsebench-update")
    result = projects.run(project, "--sparsebench-update", "--sparsebench-seeds=4")
    result.assert_outcomes(passed=1)
    assert result.ret == pytest.ExitCode.OK
    assert len(projects.known(project)) == 4


def test_a_item_that_cannot_tell_its_cases_costs_no_update(project):
    projects.run(project, "-k", "p50", "--sparsebench-update")
    source = (project.path / "test_tiny.py").read_text()
    (project.path / "test_tiny.py").write_text(
        source.replace(
            "    def cases(self, seeds):", "    def cases(self, seeds):\n        self.ask()"
        )
        + "\ndef ask(self):\n"
        + "    if self.percent == 90:\n"
        + "        raise ValueError('no cases today')\n"
        + "TinyItem.ask = ask\n"
    )
    result = projects.run(project, "--sparsebench-update", "--sparsebench-seeds=4")
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.no_fnmatch_line("*NOT WRITTEN*")
    assert projects.seeds(projects.known(project), 50) == [0, 1, 2, 3]


def test_beside_other_workers_nobody_knows_what_all_of_them_ask_for(shrunk):
    projects.measure_nothing(shrunk)
    result = projects.run(shrunk, "-n1")
    result.assert_outcomes(passed=2)
    result.stdout.no_fnmatch_line(UNUSED)


def test_seeds_of_networks_on_tasks_are_asked_for(pytester):
    pytester.makeini("[pytest]\nsparsebench_store = store\n")
    pytester.makepyfile(test_writers=TASK)
    projects.run(pytester, "--sparsebench-update", "--sparsebench-seeds=5")
    result = projects.run(pytester)
    result.assert_outcomes(passed=1)
    result.stdout.no_fnmatch_line(UNUSED)


BY_SEED = [
    BaseItem("gru"),
    PruningItem("gru", "both", 50),
    FinetuningItem("gru", "both", 90, 2),
    RecallItem("lstm", (16, 32), 10),
    RecallItem("lstm", (16,), 10, percent=50),
    RecallItem("lstm", (16,), 10, wired=True),
    OptimisersItem("gru", 10),
]


def records_of(cases):
    return [
        Record(digest=digest(each), experiment="", case=canonical(each), metrics={})
        for each in cases
    ]


@given(st.sampled_from(BY_SEED), st.sets(st.integers(0, 10_000), min_size=1, max_size=5))
def test_what_a_benchmark_measures_is_never_unused_whatever_its_seeds(
    tmp_path_factory, item, seeds
):
    chosen = settings(tmp_path_factory.getbasetemp())
    assert unused([[item]], chosen, records_of(item.cases(sorted(seeds)))) == []


@pytest.mark.parametrize("profile", ["quick", "thesis"])
@pytest.mark.parametrize("first", [0, 40])
def test_wired_networks_that_this_run_prunes_are_not_unused(tmp_path, profile, first):
    chosen = settings(tmp_path, profile=profile, first_seed=first)

    def items(asked):
        work = asked.work
        return [
            *wired_pruning_items(work.pruned_graphs, 2, percents=[90], first=asked.first_seed),
            *four_ways_items(work.compared_graphs, work.compared_percents, first=asked.first_seed),
        ]

    cases = [case for item in items(chosen) for case in item.cases([])]
    assert unused([items], chosen, records_of(cases)) == []
