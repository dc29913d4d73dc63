"""Tables in Markdown: text of others is shown and is no markup."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparsebench.report.markdown import Bold, escaped, table

MARKUP = st.text(st.sampled_from("a1_ \\`*|~[]()<>&;!#@/\n\r\t\0\u202e-"), max_size=20)


@given(st.lists(st.tuples(MARKUP, MARKUP), max_size=4))
def test_a_table_has_a_line_for_each_row_and_as_many_items_as_columns(rows):
    head, rule, *lines = table(["one", "two"], rows).split("\n")
    assert (head, rule) == ("| one | two |", "|---|---|")
    assert len(lines) == len(rows)
    for line in lines:
        bare = re.sub(r"\\.", "-", line)
        assert bare.count("|") == 3
        assert not re.search(r"<[A-Za-z/!?]|[`*\[\]~]|[\r\n]", bare)


@given(MARKUP)
def test_what_is_escaped_reads_as_what_it_was(text):
    shown = re.sub(r"\\(.)", r"\1", escaped(text))
    for entity, character in (("&lt;", "<"), ("&#64;", "@"), ("&#35;", "#"), ("&amp;", "&")):
        shown = shown.replace(entity, character)
    plain = re.sub(r"[\n\t]", " ", text)
    assert shown == re.sub("[\r\0\u202e]", "\N{REPLACEMENT CHARACTER}", plain)


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("gru both p80", "gru both p80"),
        ("rnn_relu watts_strogatz", "rnn_relu watts_strogatz"),
        ("< 0.001 & more", "< 0.001 & more"),
        ("|r| above 0.5", r"\|r\| above 0.5"),
        ("a\nb", "a b"),
        ("<script>alert(1)</script>", "&lt;script>alert(1)&lt;/script>"),
        ("![x](https://example.org)", r"!\[x\](https://example.org)"),
        ("&lt;b>", "&amp;lt;b>"),
        ("_all_ *of* `it` ~~here~~", r"\_all\_ \*of\* \`it\` \~\~here\~\~"),
        ("@somebody #17", "&#64;somebody &#35;17"),
    ],
)
def test_only_what_would_be_markup_is_escaped(text, written):
    assert escaped(text) == written


def test_bold_text_is_escaped_too():
    assert table(["a"], [[Bold("x*y")]]).endswith("| **x\\*y** |")
