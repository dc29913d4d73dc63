"""The author's own rows, correlated here, give his printed tables; other rows do not."""

from __future__ import annotations

import csv
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from sparsebench.experiments.conformance.result_rows import (
    ROWS,
    PublishedTable,
    disagreements,
    network_table,
    published_tables,
)
from sparsebench.experiments.graph_statistics.correlation_claims import CORRELATIONS
from sparsebench.parts.published_rows import ACCURACY, PROPERTIES
from sparsebench.values.graphs import PUBLISHED_FAMILIES
from sparsebench.values.protocol import VARIANTS
from tests.harness.settings import settings

HEADER = ("mode", "graph", "graph_nr", *PROPERTIES, ACCURACY)


def write_rows(folder: Path, variant: str, rows: int = ROWS, **changes: float) -> Path:
    """A checkout whose table of a variant has exactly the thesis's correlations.

    Each property is the accuracy and something that does not correlate with it, mixed; `changes` are
    other correlations.
    """
    random = np.random.default_rng(0)
    basis, _ = np.linalg.qr(np.c_[np.ones(rows), random.normal(size=(rows, len(PROPERTIES) + 1))])
    accuracy, others = basis[:, 1], basis[:, 2:].T
    correlation = {**dict.fromkeys(PROPERTIES, 0.1), **CORRELATIONS[variant], **changes}
    columns = {
        name: correlation[name] * accuracy + (1 - correlation[name] ** 2) ** 0.5 * other + 3
        for name, other in zip(PROPERTIES, others, strict=True)
    }
    columns[ACCURACY] = 0.5 + accuracy
    path = folder / "results" / "structure" / f"{variant}.csv"
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, HEADER)
        table.writeheader()
        for row in range(rows):
            family = PUBLISHED_FAMILIES[row % 2]
            keys = {"mode": variant.upper(), "graph": family, "graph_nr": row // 2}
            table.writerow({**keys, **{name: column[row] for name, column in columns.items()}})
    return path


def tables(folder: Path) -> list[PublishedTable]:
    return published_tables(settings(folder, artifacts=folder))


def spoiled(table: PublishedTable, place: int, **texts: str) -> PublishedTable:
    """The table with other texts in one row."""
    rows = list(table.rows)
    family, row = rows[place]
    rows[place] = family, replace(row, texts={**row.texts, **texts})
    return replace(table, rows=tuple(rows))


def swapped(table: PublishedTable, one: str, other: str) -> PublishedTable:
    """The table with two columns under each other's name."""
    rows = [
        (
            family,
            replace(row, texts={**row.texts, one: row.texts[other], other: row.texts[one]}),
        )
        for family, row in table.rows
    ]
    return replace(table, rows=tuple(rows))


# The real rows


@pytest.fixture(scope="module")
def gru(artifacts: Path) -> PublishedTable:
    """The one variant of which his repository has all rows."""
    (found,) = tables(artifacts)
    assert found.id == found.variant == "gru"
    return found


def test_his_rows_of_gru_give_table_6_4_to_the_last_printed_digit(gru: PublishedTable) -> None:
    assert len(gru.rows) == 200
    assert disagreements(gru) == []
    made = network_table(gru)
    for name, printed in CORRELATIONS["gru"].items():
        r = np.corrcoef(made.columns([name])[:, 0], made.accuracy)[0, 1]
        assert f"{r:.2f}" == f"{printed:.2f}", name


def test_his_rows_are_a_hundred_networks_of_each_family(gru: PublishedTable) -> None:
    made = network_table(gru)
    assert [made.families.count(family) for family in PUBLISHED_FAMILIES] == [100, 100]
    assert made.accuracy.min() > 0.5
    assert made.accuracy.max() <= 1


def test_one_spoiled_row_of_200_is_seen(gru: PublishedTable) -> None:
    faults = disagreements(spoiled(gru, 3, **{ACCURACY: "0.05"}))
    assert faults
    assert all(", table 6.4 prints " in fault for fault in faults)


def test_swapped_columns_are_seen(gru: PublishedTable) -> None:
    found = disagreements(swapped(gru, "degree_var", "closeness_var"))
    assert [fault.partition(":")[0] for fault in found] == ["degree_var", "closeness_var"]
    assert disagreements(swapped(gru, "nodes", ACCURACY))


def test_his_rows_are_not_those_of_another_variant(gru: PublishedTable) -> None:
    for variant in set(VARIANTS) - {"gru"}:
        assert len(disagreements(replace(gru, variant=variant))) >= 6


# Made-up rows


@pytest.mark.parametrize("variant", VARIANTS)
def test_all_rows_of_any_variant_are_found_and_held_to_its_table(
    tmp_path: Path, variant: str
) -> None:
    write_rows(tmp_path, variant)
    (found,) = tables(tmp_path)
    assert (found.variant, len(found.rows)) == (variant, 200)
    assert disagreements(found) == []


def test_several_variants_are_found_in_the_thesis_s_order(tmp_path: Path) -> None:
    for variant in ("gru", "lstm", "rnn_tanh"):
        write_rows(tmp_path, variant)
    write_rows(tmp_path, "rnn_relu", rows=199)
    assert [found.id for found in tables(tmp_path)] == ["rnn_tanh", "lstm", "gru"]


@pytest.mark.parametrize("rows", [1 + len(PROPERTIES) + 1, 199, 201])
def test_more_or_fewer_rows_are_not_those_of_the_table(tmp_path: Path, rows: int) -> None:
    write_rows(tmp_path, "lstm", rows)
    assert tables(tmp_path) == []


def test_without_a_checkout_there_is_nothing_to_hold(tmp_path: Path) -> None:
    assert published_tables(settings(tmp_path)) == []


@pytest.mark.parametrize(
    ("r", "agrees"), [(0.4451, True), (0.4549, True), (0.4449, False), (0.4551, False)]
)
def test_two_digits_are_held_to_half_of_the_last(tmp_path: Path, r: float, agrees: bool) -> None:
    assert CORRELATIONS["lstm"]["nodes"] == 0.44
    write_rows(tmp_path, "lstm", nodes=r - 0.01)
    (found,) = tables(tmp_path)
    faults = disagreements(found)
    if agrees:
        assert faults == []
    else:
        assert faults == [f"nodes: r is {r - 0.01:.4f}, table 6.3 prints 0.44"]


def test_a_correlation_with_the_other_sign_is_seen(tmp_path: Path) -> None:
    write_rows(tmp_path, "lstm", diameter=0.32)
    (found,) = tables(tmp_path)
    assert disagreements(found) == ["diameter: r is 0.3200, table 6.3 prints -0.32"]


def test_a_column_that_does_not_vary_has_no_correlation(tmp_path: Path) -> None:
    write_rows(tmp_path, "lstm")
    (found,) = tables(tmp_path)
    for place in range(ROWS):
        found = spoiled(found, place, layers="4")
    assert disagreements(found) == ["layers: r is not defined, table 6.3 prints 0.28"]


def test_a_text_that_is_no_number_is_told_with_its_line(tmp_path: Path) -> None:
    path = write_rows(tmp_path, "lstm")
    (found,) = tables(tmp_path)
    place = found.rows[2][1].place
    assert place.startswith(f"{path}, line ")
    with pytest.raises(ValueError, match=rf"^{re.escape(place)}: layers is 'four'"):
        disagreements(spoiled(found, 2, layers="four"))
