"""`import sparsebench` offers what its page lists, lazily and typed."""

import ast
import re
from pathlib import Path

import pytest

import sparsebench

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "reference" / "python.md").read_text(encoding="utf-8")


def test_the_page_lists_every_name_once():
    listed = re.findall(r"^\| `(\w+)` \| .+ \|$", PAGE, re.MULTILINE)
    assert sorted(listed) == sorted(sparsebench.__all__)


@pytest.mark.parametrize("name", sparsebench.__all__)
def test_every_name_is_there(name):
    assert getattr(sparsebench, name) is not None


def test_type_checkers_see_the_same_names():
    tree = ast.parse((ROOT / "sparsebench" / "__init__.py").read_text(encoding="utf-8"))
    (block,) = [each for each in tree.body if isinstance(each, ast.If)]
    seen = {
        f"{statement.module}.{alias.name}"
        for statement in block.body
        if isinstance(statement, ast.ImportFrom)
        for alias in statement.names
    }
    assert seen == {f"{home}.{name}" for name, home in sparsebench._HOMES.items()}
    assert (ROOT / "sparsebench" / "py.typed").is_file()


def test_a_name_that_is_not_there_is_an_attribute_error():
    with pytest.raises(AttributeError, match="has no attribute 'prone'"):
        sparsebench.prone  # noqa: B018


@pytest.mark.parametrize(
    ("former", "name"),
    [
        ("PruningCell", "PruningItem"),
        ("pruning_cells", "pruning_items"),
        ("RegainCell", "FinetuningItem"),
        ("regain_cells", "finetuning_items"),
    ],
)
def test_a_former_name_is_an_alias_with_a_warning(former, name):
    with pytest.warns(
        DeprecationWarning, match=f"sparsebench.{former} is called sparsebench.{name}"
    ):
        assert getattr(sparsebench, former) is getattr(sparsebench, name)


def test_completion_offers_every_name():
    assert {*sparsebench.__all__} <= {*dir(sparsebench)}
