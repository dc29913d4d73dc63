"""Options: twins in the ini file, defaults of the profile, and `--gpu`."""

import pytest

from sparsebench.parts.documents import read_document
from tests.shell import projects


def test_ini_options_are_twins_of_the_command_line(project):
    project.makeini(
        "[pytest]\nsparsebench_store = store\nsparsebench_seeds = 2\nsparsebench_json = a/b.json\n"
    )
    projects.run(project)
    document = read_document(project.path / "a" / "b.json")
    assert (document.run.seeds, len(document.records)) == (2, 4)
    projects.run(project, "--sparsebench-seeds=1")
    assert read_document(project.path / "a" / "b.json").run.seeds == 1


def test_the_number_of_graphs_is_the_profiles_the_ini_files_or_the_command_lines(pytester):
    pytester.makepyfile(
        "import pytest\n"
        "from sparsebench import wired_items\n"
        "def items(settings):\n"
        "    return wired_items(settings.graphs, ['gru'], ['watts_strogatz'])\n"
        "@pytest.mark.sparsebench(items=items)\n"
        "def test_it(item):\n"
        "    pass\n"
    )
    pytester.runpytest_inprocess("--sparsebench-profile=smoke").assert_outcomes(passed=1)
    pytester.runpytest_inprocess().assert_outcomes(passed=1)
    pytester.makeini("[pytest]\nsparsebench_graphs = 3\n")
    pytester.runpytest_inprocess().assert_outcomes(passed=3)
    pytester.runpytest_inprocess("--sparsebench-graphs=5").assert_outcomes(passed=5)


@pytest.mark.parametrize(
    ("declared", "given"), [("action='store_true'", "--gpu"), ("type=int", "--gpu=1")]
)
def test_a_project_may_have_a_gpu_option_of_its_own(pytester, declared, given):
    pytester.makeconftest(f"def pytest_addoption(parser): parser.addoption('--gpu', {declared})")
    pytester.makepyfile("def test_it(pytestconfig): assert pytestconfig.getoption('gpu') == 1")
    pytester.runpytest_inprocess(given).assert_outcomes(passed=1)
