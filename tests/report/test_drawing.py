"""Figures are files of their own, and elements of a page that may be dark and hold several of them."""

import re
from xml.etree import ElementTree

import matplotlib as mpl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sparsebench.report.drawing import BLUE, drawn, legend, panels, shades, style
from sparsebench.report.plain_text import plain

HOSTILE = [
    "</svg><script>alert(1)</script>",
    '" onload="alert(1)',
    '\' url(#x) #0072b2 id="y"',
    "$\\frac{1}{0}$",
    "$unbalanced",
    "a\0b\x1b[31mc\u202ed",
    "]]> <!-- & &amp; <!DOCTYPE x [<!ENTITY y SYSTEM 'file:///etc/passwd'>]>",
    "x" * 100_000,
]


def draw(text="a panel", name="one"):
    with style():
        figure, axes = panels(1, 2, 2.0, width=4.0)
        for panel in axes.flat:
            panel.plot([1, 2, 3], [1, 3, 2], color=BLUE, label="a line")
            panel.set_title(plain(text, 60))
        legend(figure, axes)
        return drawn(name, text, text, figure, None)


@pytest.fixture(scope="module")
def one():
    return draw()


def test_files_are_what_their_names_say(one):
    assert one.png.startswith(b"\x89PNG")
    assert ElementTree.fromstring(one.svg).tag.endswith("svg")


def test_the_same_figure_is_the_same_bytes_again(one):
    again = draw()
    assert (again.svg, again.png, again.inline) == (one.svg, one.png, one.inline)


def test_ids_of_two_figures_on_a_page_never_meet(one):
    other = draw(name="two")
    ids, others = (set(re.findall(r'\bid="([^"]+)"', each.inline)) for each in (one, other))
    assert ids
    assert not ids & others
    referred = set(re.findall(r'(?:url\(|href=")#([^)"]+)', one.inline))
    assert referred
    assert referred <= ids


def test_colours_are_the_page_s(one):
    assert f"var(--blue, {BLUE})" in one.inline
    assert "var(--ink" in one.inline
    assert b"var(" not in one.svg


def test_a_figure_takes_no_styles_or_addresses_to_the_page(one):
    assert "<style" not in one.inline
    addresses = set(re.findall(r"https?://[^\"' >]+", one.inline))
    assert addresses <= {"http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"}


def test_it_says_what_it_shows(one):
    root = ElementTree.fromstring(one.inline)
    title, message = root[:2]
    assert root.get("role") == "img"
    assert root.get("aria-labelledby") == f"{title.get('id')} {message.get('id')}"
    assert (title.text, message.text) == ("a panel", "a panel")


def test_each_label_stands_once_in_the_legend(one):
    assert one.inline.count(">a line<") == 1


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_text(one, text):
    found = list(ElementTree.fromstring(draw(text).inline).iter())
    assert [element.tag for element in found] == [
        element.tag for element in ElementTree.fromstring(one.inline).iter()
    ]
    assert [element.text for element in found].count(plain(text, 60)) >= 2


@settings(max_examples=15)
@given(st.text(st.characters(codec="utf-8"), max_size=40))
def test_no_label_of_a_panel_can_add_an_element(text):
    def elements(label):
        with style():
            figure, axes = panels(1, 1, 1.0, width=2.0)
            axes[0, 0].set_ylabel(plain(label))
            inline = drawn("one", "title", "message", figure, None).inline
        return [element.tag for element in ElementTree.fromstring(inline).iter()]

    shown = elements(text)
    assert set(shown) <= set(elements("label")) | {"{http://www.w3.org/2000/svg}tspan"}


def test_the_user_s_own_settings_neither_matter_nor_change():
    before = draw()
    with mpl.rc_context({"font.size": 30, "text.parse_math": True}):
        assert draw().svg == before.svg
        assert mpl.rcParams["font.size"] == 30


def test_steps_go_from_light_to_dark():
    light, *_, dark = (mpl.colors.to_rgb(shade) for shade in shades(5))
    assert sum(light) > sum(dark)
