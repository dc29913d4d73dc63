"""A comparison of result files as text for a terminal, Markdown for a pull request, and JSON."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from sparsebench.judging.comparison import STATES, Comparison, File
from sparsebench.judging.movement import SeedMoved, in_unit
from sparsebench.report.markdown import Bold, escaped, table
from sparsebench.report.plain_text import plain

_MOST_SEEDS = 5
"""Seeds of an item that are listed one by one."""

_LONGEST = 10_000
"""Characters of a text from a file that are shown."""

SCHEMA = 1
"""Version of `as_json`: it rises when a key changes its meaning or is removed, not for new keys."""


def counted(compared: Sequence[Comparison]) -> dict[str, int]:
    """How many items are in each state, in the order of `STATES`."""
    found = Counter(item.state for item in compared)
    return {state: found[state] for state in STATES}


def counts_in_words(compared: Sequence[Comparison]) -> str:
    """The states that occur, with their counts."""
    said = ", ".join(f"{count} {state}" for state, count in counted(compared).items() if count)
    return said or "no records"


def summary_line(compared: Sequence[Comparison]) -> str:
    """One line for programs: `sparsebench: regressed=1 removed=0 ... unchanged=215 records_gone=0`.

    It has all states in the order of `STATES`; later versions append to them.
    """
    counts = counted(compared) | {"records_gone": sum(item.removed for item in compared)}
    return "sparsebench: " + " ".join(f"{name}={count}" for name, count in counts.items())


def head(files: Sequence[File], compared: Sequence[Comparison], allowed: str) -> list[str]:
    """The first lines: counts, runs that did not end well, missing records.

    Parameters
    ----------
    files, compared
        The comparison.
    allowed
        The advice on missing records.
    """
    lines = [f"{' -> '.join(file.name for file in files)}: {counts_in_words(compared)}"]
    lines += [
        f"{file.name}: its run {file.ended}{_MISSING if 'interrupted' in file.ended else ''}"
        for file in files
        if file.ended
    ]
    for absent, count in Counter(item.absent for item in compared if item.absent).items():
        lines.append(
            f"{absent}: {count} items of it are named by their digests; to import the module that "
            "defines it: sparsebench -p MODULE compare ..."
        )
    if fell := sum(item.fell for item in compared):
        lines.append(
            f"{fell} changed or undecided items got worse in the mean or in a seed, which may be "
            "chance: exit status 0, or 1 with --no-fall"
        )
    if gone := sum(item.removed for item in compared):
        records = "record is" if gone == 1 else "records are"
        lines.append(f"{gone} {records} not in {files[-1].name} any more: {allowed}")
    return lines


_MISSING = "; what it did not measure is missing"


def figures_in_words(item: Comparison) -> str:
    """The item's figure in each file: `accuracy 0.9950 -> 0.9583`."""
    figures = " -> ".join("-" if figure is None else f"{figure:.4f}" for figure in item.figures)
    return f"{item.figure} {figures}"


def movement_in_words(item: Comparison) -> str:
    """The change of the mean; empty if a file has no figure."""
    moved = item.movement
    return "" if moved.mean is None else in_unit(moved.mean, moved.unit)


def seeds_in_words(item: Comparison) -> list[str]:
    """The seeds that changed, worst first, and the number of others."""
    moved = [each for each in item.movement.seeds if each.moved or each.same_bits is False]
    said = [_seed(item, each) for each in moved[:_MOST_SEEDS]]
    if more := len(moved) - len(said):
        said.append(f"{more} more seeds moved, none of them for the worse by more")
    return said


def _seed(item: Comparison, seed: SeedMoved) -> str:
    said = f"{seed.seed}: {seed.before:.4f} -> {seed.after:.4f}"
    if not seed.moved:
        return f"{said}, the figure is the same, other bits are not"
    return f"{said}, {in_unit(seed.moved, item.movement.unit)}"


def times_in_words(item: Comparison) -> str:
    """Forward time relative to the dense network's in each file, unless it is the figure itself."""
    if not item.figure.startswith("time") and any(ratio is not None for ratio in item.ratios):
        ratios = " -> ".join("-" if ratio is None else f"{ratio:.2f}" for ratio in item.ratios)
        return f"time / dense {ratios}"
    return ""


def lines(item: Comparison, width: int) -> Iterator[str]:
    """An item as wrapped lines: which, by how much, in which seeds, how sure, and why.

    Words longer than the width, such as file names, stay whole.
    """
    moved = movement_in_words(item)
    said = [f"{figures_in_words(item)}{f', {moved} on average' if moved else ''}"]
    said += seeds_in_words(item)
    said += filter(None, (times_in_words(item),))
    said += [
        f"{label}: {text}" for label, text in (("how sure", item.sure), ("why", item.why)) if text
    ]
    yield from _wrapped(f"{item.state.upper()} {item.title}", width, "", "    ")
    for each in said:
        yield from _wrapped(each, width, "  ", "    ")


def _wrapped(text: str, width: int, first: str, others: str) -> list[str]:
    return textwrap.wrap(
        plain(text, _LONGEST),
        max(width, 20),
        initial_indent=first,
        subsequent_indent=others,
        break_long_words=False,
        break_on_hyphens=False,
    )


def markdown(
    said: Sequence[str], compared: Sequence[Comparison], shown: Sequence[Comparison]
) -> str:
    """A comment for a pull request: counts, a row per item, and the reasons in a fold.

    Parameters
    ----------
    said
        The first lines (`head`).
    compared, shown
        All items, and those with a row.
    """
    parts = [f"**sparsebench** {escaped(said[0])}", *map(escaped, said[1:])]
    if shown:
        parts.append(table(_COLUMNS, map(_row, shown)))
        reasons = "\n".join(
            f"- {escaped(f'{item.title}: {item.why}')}" for item in shown if item.why
        )
        parts.append(
            f"<details><summary>Numbers behind each row</summary>\n\n{reasons}\n\n</details>"
        )
    parts.append(f"<!-- {summary_line(compared)} -->")
    return "\n\n".join(parts)


_COLUMNS = ("state", "item", "figure", "moved by", "in which seeds", "how sure")


def _row(item: Comparison) -> tuple[str, ...]:
    state = Bold(item.state) if item.state in ("regressed", "removed") else item.state
    figure = "; ".join(filter(None, (figures_in_words(item), times_in_words(item))))
    return (
        state,
        item.title,
        figure,
        movement_in_words(item),
        "; ".join(seeds_in_words(item)),
        item.sure,
    )


def as_json(
    files: Sequence[File], compared: Sequence[Comparison], shown: Sequence[Comparison]
) -> dict[str, Any]:
    """The comparison for programs.

    Returns
    -------
    dict
        `schema`; `files` with `name` and `ended` (empty if the run ended well); `counts` of all
        states; `records_gone`; `items`, worst first. Each item has `state`, `item` (its name),
        `measured_by` (names of pytest items, the first of which is closest to it; empty if all files
        are baselines), `experiment`, `figure` (what is measured), `figures` (one per file),
        `time_ratios`, `removed` (records), `reason`, `movement` (`unit`, `mean`, `low` and `high` of
        its 95 % interval, `paired`, `sure` in words) and `seeds` (`seed`, `before`, `after`,
        `moved`, `same_bits`), worst first. Unknown values are null.
    """
    return {
        "schema": SCHEMA,
        "files": [{"name": file.name, "ended": file.ended} for file in files],
        "counts": counted(compared),
        "records_gone": sum(item.removed for item in compared),
        "items": [_item(item) for item in shown],
    }


def _item(item: Comparison) -> dict[str, Any]:
    moved = item.movement
    low, high = moved.interval or (None, None)
    return {
        "state": item.state,
        "item": item.name,
        "measured_by": list(item.measured_by),
        "experiment": item.experiment,
        "figure": item.figure,
        "figures": list(item.figures),
        "time_ratios": list(item.ratios),
        "removed": item.removed,
        "reason": item.reason,
        "movement": {
            "unit": moved.unit,
            "mean": moved.mean,
            "low": low,
            "high": high,
            "paired": moved.paired,
            "sure": item.sure,
        },
        "seeds": [
            {
                "seed": each.seed,
                "before": each.before,
                "after": each.after,
                "moved": each.moved,
                "same_bits": each.same_bits,
            }
            for each in moved.seeds
        ],
    }
