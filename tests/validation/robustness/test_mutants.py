"""The bugs that measure the gate can still be put into the code, each where it is meant to go."""

import pytest

from validation import ROOT
from validation.robustness import measure_mutants, mutants
from validation.robustness.mutant import Mutant

BUGS = [mutant for mutant in mutants.MUTANTS.values() if mutant is not mutants.UNCHANGED]


def test_there_are_enough_of_them_and_the_unchanged_code_comes_first():
    assert len(BUGS) >= 170
    assert len(mutants.LATE) >= 20
    assert next(iter(mutants.MUTANTS.values())) == mutants.UNCHANGED
    assert mutants.UNCHANGED.old == mutants.UNCHANGED.new == ""


def test_no_two_have_one_name():
    groups = [group for group in vars(mutants).values() if isinstance(group, tuple)]
    listed = [each for group in groups for each in group if isinstance(each, Mutant)]
    assert sorted(listed) == sorted(BUGS)


@pytest.mark.parametrize("mutant", BUGS, ids=lambda mutant: mutant.name)
def test_a_bug_can_be_put_in_at_one_place_and_leaves_a_program(mutant):
    text = (ROOT / mutant.file).read_text(encoding="utf-8")
    assert text.count(mutant.old) == 1
    broken = text.replace(mutant.old, mutant.new)
    assert broken != text
    compile(broken, mutant.file, "exec")


def test_a_bug_is_put_into_the_copy(tmp_path):
    (tmp_path / "a.py").write_text("x = 1\ny = 2\n", encoding="utf-8")
    measure_mutants.put_in(Mutant("other x", "a.py", "x = 1", "x = 3"), tmp_path)
    assert (tmp_path / "a.py").read_text(encoding="utf-8") == "x = 3\ny = 2\n"
    measure_mutants.put_in(Mutant("unchanged", "a.py", "", ""), tmp_path)
    assert (tmp_path / "a.py").read_text(encoding="utf-8") == "x = 3\ny = 2\n"


@pytest.mark.parametrize(("text", "times"), [("x = 1\nx = 1\n", 2), ("y = 2\n", 0)])
def test_a_bug_that_has_lost_its_place_is_named(tmp_path, text, times):
    (tmp_path / "a.py").write_text(text, encoding="utf-8")
    with pytest.raises(SystemExit, match=rf"^other x: 'x = 1' stands {times} times in a\.py"):
        measure_mutants.put_in(Mutant("other x", "a.py", "x = 1", "x = 3"), tmp_path)


def test_every_benchmark_that_runs_is_there():
    assert [
        name
        for name in measure_mutants.FILES
        if not (ROOT / "benchmarks" / f"test_{name}.py").is_file()
    ] == []
    assert all((ROOT / part).exists() for part in measure_mutants.COPIED)
