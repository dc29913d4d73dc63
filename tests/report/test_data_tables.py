"""Long tables are data, which can neither end their element nor be a formula."""

import csv
import io
import json

from hypothesis import given
from hypothesis import strategies as st

from sparsebench.report.contents import Column, Table
from sparsebench.report.data_tables import LONG, as_csv, as_json, is_data, is_folded
from sparsebench.report.plain_text import plain

TEXTS = st.text(st.characters(codec="utf-8"), max_size=30)


def table(rows, folded=False):
    return Table(
        "name", "A caption", (Column("what", choice=True), Column("n", ".2f")), rows, folded
    )


@given(st.lists(st.tuples(TEXTS, st.none() | st.floats(-9, 9))))
def test_json_has_every_row_as_shown_and_ends_no_element(rows):
    text = as_json(table(rows))
    assert not set("<>&") & set(text)
    found = json.loads(text)
    assert found["columns"] == [["what", 0, 1], ["n", 1, 0]]
    shown = [[plain(what), "" if n is None else f"{n:.2f}"] for what, n in rows]
    assert found["rows"] == shown


@given(st.lists(st.tuples(TEXTS, st.floats(-9, 9))))
def test_csv_has_every_row_and_no_formula(rows):
    head, *found = csv.reader(io.StringIO(as_csv(table(rows))))
    assert head == ["what", "n"]
    assert len(found) == len(rows)
    assert not [what for what, _ in found if what[:1] in ("=", "+", "-", "@")]
    assert [n for _, n in found] == [f"{n:.2f}" for _, n in rows]


def test_long_tables_are_folded_and_short_ones_stay_in_the_page():
    short, long = table([("a", 1.0)] * 10), table([("a", 1.0)] * (LONG + 1))
    assert (is_folded(short), is_folded(long)) == (False, True)
    assert is_folded(table([], folded=True))
    assert is_data(long, closed=True)
    assert not is_data(short, closed=True)
    assert not is_data(long, closed=False)
