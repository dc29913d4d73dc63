"""The plan in the terminal."""

import pytest

from sparsebench.shell.plan_summary import duration


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.0004, "0 ms"),
        (0.02, "20 ms"),
        (1, "1.0 s"),
        (119, "119.0 s"),
        (120, "2.0 min"),
        (7200, "2.0 h"),
        (86400 * 3, "3.0 days"),
    ],
)
def test_durations_have_the_unit_that_suits_them(seconds, text):
    assert duration(seconds) == text
