"""Markdown tables of foreign text: nothing in an entry is treated as markup."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from sparsebench.report.plain_text import plain

_LONGEST = 10_000
"""Most characters of an entry."""

_MARKUP = re.compile(
    r"[\\`*|~\[\]]"  # code, emphasis, items, links
    r"|<(?=[A-Za-z/!?])"  # HTML
    r"|&(?=#?\w+;)"
    r"|(?<!\w)_|_(?!\w)"  # emphasis too; not inside words
    r"|(?<!\w)[@#](?=\w)"  # GitHub's people and issues
)
_ENTITIES = {"<": "&lt;", "&": "&amp;", "@": "&#64;", "#": "&#35;"}


class Bold(str):
    """Text shown in bold."""

    __slots__ = ()


def escaped(text: str) -> str:
    """Text escaped for Markdown, on one line."""
    return _MARKUP.sub(
        lambda found: _ENTITIES.get(found[0], f"\\{found[0]}"), plain(text, _LONGEST)
    )


def table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table of text."""
    return "\n".join([_row(columns), "|---" * len(columns) + "|", *map(_row, rows)])


def _row(items: Sequence[str]) -> str:
    return f"| {' | '.join(map(_item, items))} |"


def _item(text: str) -> str:
    return f"**{escaped(text)}**" if isinstance(text, Bold) else escaped(text)
