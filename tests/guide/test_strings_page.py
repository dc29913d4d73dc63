"""The page on Reber strings names items that can be measured."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from sparsebench import BaseCase, ReberStrings

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "strings.md"


def test_its_items_are_of_the_author_like_strings() -> None:
    (code,) = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    names: dict[str, Any] = {}
    exec(code, names)
    strings = ReberStrings(negatives="author_like")
    assert [item.id for item in names["ITEMS"]][:2] == [
        "reber_classes_author_like-rnn_tanh-p0",
        "reber_classes_author_like-rnn_tanh-p50",
    ]
    cases = [
        case for item in (*names["ITEMS"], *names["BASE_ITEMS"]) for case in item.cases([0, 1])
    ]
    assert {case.data for case in cases} == {strings}
    assert isinstance(cases[-1], BaseCase)
