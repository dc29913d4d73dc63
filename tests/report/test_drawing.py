"""Figures are files of their own, and elements of a page that may be dark and hold several of them."""

import re
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sparsebench.report.drawing import BLUE, drawn, panels, shades
from sparsebench.report.marks import path_through
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
    figure, axes = panels(1, 2, 2.0, width=4.0)
    for panel in axes.flat:
        panel.plot([1, 2, 3], [1, 3, 2], "o-", color=BLUE, label="a line")
        panel.set_title(plain(text, 60))
    return drawn(name, text, text, figure, None)


@pytest.fixture(scope="module")
def one():
    return draw()


def places(path):
    """The points that a path goes through by places and steps; horizontal and vertical lines apart."""
    x = y = 0.0
    found = []
    for command, text in re.findall(r"([MLml])([^A-Za-z]*)", path):
        across, up = map(float, re.findall(r"-?[\d.]+", text))
        x, y = (across, up) if command.isupper() else (x + across, y + up)
        found.append((x, y))
    return found


def marks(drawing):
    """The elements of a figure that tell values."""
    root = ElementTree.fromstring(drawing.inline)
    return [each for each in root.iter() if each.get("data-v")]


def test_the_file_is_an_svg_of_its_own_on_white(one):
    root = ElementTree.fromstring(one.svg)
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    assert root[0].get("fill") == "#ffffff"
    assert b"var(" not in one.svg
    assert b"data-" not in one.svg


def test_the_same_figure_is_the_same_bytes_again(one):
    again = draw()
    assert (again.svg, again.inline) == (one.svg, one.inline)


def test_ids_of_two_figures_on_a_page_never_meet(one):
    other = draw(name="two")
    ids, others = (set(re.findall(r'\bid="([^"]+)"', each.inline)) for each in (one, other))
    assert ids
    assert not ids & others


def test_colours_are_the_page_s(one):
    assert 'stroke="var(--blue)"' in one.inline
    assert "var(--ink)" in one.inline


def test_a_figure_takes_no_styles_or_addresses_to_the_page(one):
    assert "<style" not in one.inline
    assert not re.findall(r"https?://", one.inline)


def test_it_says_what_it_shows(one):
    root = ElementTree.fromstring(one.inline)
    assert root.get("role") == "img"
    assert root.get("aria-label") == "a panel"
    assert root.get("aria-describedby") == root[0].get("id")
    assert root[0].text == "a panel"


def test_each_label_stands_once_in_the_legend(one):
    assert one.inline.count(">a line<") == 1


def test_values_are_told_with_their_label_and_where_they_lie(one):
    for mark in marks(one):
        assert mark.get("data-v") == "1,1 2,3 3,2"
        assert mark.get("data-label") == "a line"
    panel = next(
        each for each in ElementTree.fromstring(one.inline).iter() if each.get("class") == "panel"
    )
    low, high, start, end, log, named = map(float, panel.get("data-x").split())
    assert (low, high, log, named) == (0.9, 3.1, 0, 0)
    dots = next(each for each in panel.iter() if each.get("class") == "dots")
    first = float(re.match(r"M([\d.]+) ", dots.get("d"))[1])
    assert first == pytest.approx(start + (end - start) * (1 - low) / (high - low), abs=0.1)


def test_panels_on_which_nothing_was_measured_are_left_out():
    figure, axes = panels(2, 3, 4.0, sharex=True, sharey=True)
    for panel in axes.flat:
        panel.axhline(0.5, label="a reference")
        panel.set_title("title")
    axes[1, 0].set_ylabel("up")
    axes[1, 1].set_xlabel("across")
    axes[1, 1].plot([1, 2], [0.1, 0.9])
    inline = drawn("one", "title of it", "message", figure, None).inline
    assert inline.count(">title<") == 1
    assert inline.count('class="panel"') == 1
    assert ">up<" in inline  # handed on by the panel that was left out
    assert ">across<" in inline


def test_of_panels_with_one_axis_the_outermost_that_is_drawn_has_the_names():
    figure, axes = panels(2, 2, 4.0, sharex=True, sharey=True)
    for place in ((0, 0), (0, 1), (1, 1)):
        axes[place].plot([1, 2], [0.25, 0.75])
    axes[1, 0].set_ylabel("up")
    inline = drawn("one", "title of it", "message", figure, None).inline
    assert inline.count(">0.4<") == 2  # beside the first panel of each row
    assert inline.count(">1.2<") == 2  # below the last panel of each column
    assert ">up<" in inline


def test_logarithmic_axes_have_no_place_for_nought():
    figure, axes = panels(1, 1, 2.0, width=3.0)
    axes[0, 0].plot([0, 0.001, 1], [1, 2, 3], ".")
    axes[0, 0].set(xscale="log")
    (mark,) = marks(drawn("one", "title", "message", figure, None))
    assert mark.get("data-v") == "0.001,2 1,3"


@given(
    st.lists(st.tuples(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6)), min_size=1, max_size=20),
    st.booleans(),
)
def test_whatever_is_drawn_lies_within_the_figure(points, reverse):
    figure, axes = panels(1, 1, 2.0, width=4.0)
    axes[0, 0].plot([x for x, _ in points], [y for _, y in points], "s")
    if reverse:
        axes[0, 0].x.reversed = True
    root = ElementTree.fromstring(drawn("one", "title", "message", figure, None).inline)
    _, _, width, height = map(float, root.get("viewBox").split())
    for path in root.iter("path"):
        for x, y in places(path.get("d")):
            assert -1 <= x <= width + 1
            assert -1 <= y <= height + 1


@given(
    st.lists(st.tuples(st.floats(-1e4, 1e4), st.floats(-1e4, 1e4)), min_size=1, max_size=50),
    st.sampled_from([("l", ""), ("m", "h0")]),
)
def test_steps_of_a_path_come_to_every_point(points, written):
    """Rounding errors do not add up, however many points there are."""
    found = places(path_through(points, *written))
    np.testing.assert_allclose(found, points, rtol=0, atol=0.0501)


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_text(one, text):
    found = list(ElementTree.fromstring(draw(text).inline).iter())
    assert {element.tag for element in found} == {
        element.tag for element in ElementTree.fromstring(one.inline).iter()
    }
    assert plain(text) in [element.text for element in found]


@settings(max_examples=15)
@given(st.text(st.characters(codec="utf-8"), max_size=40))
def test_no_label_of_a_panel_can_add_an_element(text):
    def elements(label):
        figure, axes = panels(1, 1, 1.0, width=2.0)
        axes[0, 0].plot([1, 2], [1, 2], label=label)
        axes[0, 0].set_ylabel(plain(label))
        inline = drawn("one", "title", "message", figure, None).inline
        return {element.tag for element in ElementTree.fromstring(inline).iter()}

    assert elements(text) <= elements("label")


def test_steps_go_from_light_to_dark():
    light, *_, dark = (sum(bytes.fromhex(shade[1:])) for shade in shades(5))
    assert light > dark
