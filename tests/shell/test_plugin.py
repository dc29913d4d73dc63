"""The plugin: items of items, and nothing for those who do not use it."""

import pytest

from tests.shell import projects


def test_both_semantics_make_two_tests_of_an_item(project):
    result = projects.run(project, "--sparsebench-semantics=both", "--collect-only", "-q")
    result.stdout.fnmatch_lines(["*tiny-p50]", "*tiny-p90]", "*p50-corrected]", "*p90-corrected]"])


@pytest.mark.parametrize(
    "source",
    [
        "@pytest.mark.sparsebench([])\ndef test_it(sparsebench): pass",
        "@pytest.mark.sparsebench\ndef test_it(item, sparsebench): pass",
    ],
)
def test_a_marker_without_items_or_argument_is_explained(pytester, source):
    pytester.makepyfile(f"import pytest\n{source}")
    result = pytester.runpytest_inprocess()
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*write @pytest.mark.sparsebench(items)*argument named item*"])


@pytest.mark.parametrize(
    ("items", "message"),
    [
        ("'gru'", "items is 'gru': give a list, such as ?'gru'?"),
        ("lambda settings: None", "what <lambda>(settings) returns is None: give a list"),
        ("lambda settings: ['gru']", "'gru' is not an item: give instances of a frozen dataclass*"),
        (
            "drawn",
            "drawn(settings) returned items of different ids*: let it draw from the generator*",
        ),
    ],
)
def test_items_that_are_none_or_others_each_time_are_told_where_they_are_asked_for(
    pytester, items, message
):
    pytester.makepyfile(
        "import random\nimport pytest\nfrom sparsebench import PruningItem\n"
        "def drawn(settings):\n"
        "    return [PruningItem('gru', 'i2h', percent) for percent in random.sample(range(100), 9)]\n"
        f"@pytest.mark.sparsebench(items={items})\ndef test_it(item, sparsebench): pass"
    )
    result = pytester.runpytest_inprocess()
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines([f"*::test_it: {message}"])


def test_unrelated_projects_see_and_load_nothing_of_the_plugin(pytester):
    pytester.makepyfile("def test_one(): pass")
    pytester.makeconftest(
        "import sys\n"
        "def pytest_unconfigure():\n"
        "    loaded = [name for name in sys.modules if name.startswith('sparsebench.')]\n"
        "    assert sorted(loaded) == [\n"
        "        'sparsebench.shell', 'sparsebench.shell.options', 'sparsebench.shell.plugin'\n"
        "    ]\n"
    )
    result = pytester.runpytest_subprocess()
    result.assert_outcomes(passed=1)
    assert result.ret == 0
    result.stdout.no_fnmatch_line("*sparsebench*===*")


def test_collecting_loads_none_of_the_heavy_libraries(project):
    project.makeconftest(
        "import sys\n"
        "def pytest_collection_finish(session):\n"
        "    assert len(session.items) == 2\n"
        "    assert not {'torch', 'scipy', 'pandas'} & set(sys.modules)\n"
    )
    result = project.runpytest_subprocess("--collect-only", "-q")
    assert result.ret == 0


def test_the_former_argument_cell_still_works_and_warns(pytester):
    pytester.makeini("[pytest]\nsparsebench_store = store\n")
    pytester.makepyfile(
        "import pytest\n"
        "from sparsebench import pruning_items\n"
        "@pytest.mark.sparsebench(cells=pruning_items(['gru'], ['both'], [10]))\n"
        "def test_it(cell, sparsebench): pass"
    )
    result = pytester.runpytest_subprocess("--collect-only", "-q")
    result.stdout.fnmatch_lines(
        ["*test_it[[]gru-both-p10[]]", "*cell and cells are called item and items now*"]
    )
