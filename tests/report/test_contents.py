"""Columns write words, figures and nothing."""

import pytest

from sparsebench.report.contents import Column


@pytest.mark.parametrize(
    ("form", "entry", "text"),
    [
        (".3f", 0.98765, "0.988"),
        ("d", 12, "12"),
        ("+.2f", 0.5, "+0.50"),
        (".3f", None, ""),
        (".3f", "not timed", "not timed"),
        ("", "words", "words"),
    ],
)
def test_an_entry_is_written_as_its_column_says(form, entry, text):
    assert Column("title", form).text(entry) == text
