"""Shared by tests and benchmarks: pytester, which must be named at the root."""

import pytest

pytest_plugins = ["pytester"]


def pytest_itemcollected(item: pytest.Item) -> None:
    """Let `-k` find benchmarks under the names that they had before 2026-12 too."""
    if getattr(item, "originalname", "") == "test_finetuning":
        item.extra_keyword_matches.add("test_regain")
