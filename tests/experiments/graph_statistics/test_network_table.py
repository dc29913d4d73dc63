"""Networks as a table: whatever differs has another checksum, and missing networks are told."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparsebench.experiments.graph_statistics import network_table
from sparsebench.experiments.graph_statistics.cases import WiredPopulation
from sparsebench.experiments.graph_statistics.network_table import (
    NetworkTable,
    table_of,
    table_of_rows,
)
from sparsebench.harness.experiment import NotMeasurable
from sparsebench.parts.published_rows import ACCURACY, PROPERTIES
from sparsebench.values.graphs import PUBLISHED_FAMILIES
from sparsebench.values.identity import digest
from sparsebench.values.semantics import CORRECTED
from tests.experiments.graph_statistics.analyses import Bench, networks, table

GRU = WiredPopulation("gru", 4)


def same(one: NetworkTable, other: NetworkTable) -> bool:
    return (
        np.array_equal(one.properties, other.properties)
        and np.array_equal(one.accuracy, other.accuracy)
        and one.families == other.families
    )


def test_a_row_is_a_network_with_the_properties_in_their_order() -> None:
    found = networks(GRU)
    made = table_of(found)
    assert len(made) == len(found) == 8
    for row, record in enumerate(found):
        assert made.properties[row].tolist() == [record.properties[name] for name in PROPERTIES]
        assert made.accuracy[row] == record.metrics["accuracy"]
    assert made.families == tuple(np.repeat(PUBLISHED_FAMILIES, 4))
    assert made.properties.dtype == made.accuracy.dtype == np.float64


def test_the_author_s_rows_are_such_a_table_too() -> None:
    made = table(3)
    rows = [
        (family, {**dict(zip(PROPERTIES[::-1], row[::-1], strict=True)), ACCURACY: accuracy})
        for family, row, accuracy in zip(
            made.families, made.properties.tolist(), made.accuracy.tolist(), strict=True
        )
    ]
    assert same(table_of_rows(rows), made)


def test_columns_come_in_the_order_of_their_names() -> None:
    made = table(3)
    found = made.columns(["density", "layers"])
    assert found[:, 0].tolist() == made.properties[:, PROPERTIES.index("density")].tolist()
    assert found[:, 1].tolist() == made.properties[:, PROPERTIES.index("layers")].tolist()


def test_a_family_has_its_own_rows_in_order() -> None:
    made = table(3)
    order = [0, 3, 1, 4, 5, 2]
    mixed = NetworkTable(
        made.properties[order], made.accuracy[order], tuple(made.families[row] for row in order)
    )
    for family, rows in zip(PUBLISHED_FAMILIES, ([0, 1, 2], [3, 4, 5]), strict=True):
        part = mixed.of_family(family)
        assert part.properties.tolist() == made.properties[rows].tolist()
        assert part.accuracy.tolist() == made.accuracy[rows].tolist()
        assert part.families == (family,) * 3
    assert len(mixed.of_family("kleinberg")) == 0


# Checksums


def test_the_same_table_has_the_same_checksum_however_it_lies_in_memory() -> None:
    made = table(3)
    assert table(3).checksum == made.checksum
    assert replace(made, properties=np.asfortranarray(made.properties)).checksum == made.checksum
    assert len(made.checksum) == 32


@given(row=st.integers(0, 5), column=st.integers(0, len(PROPERTIES)))
def test_the_last_bit_of_any_figure_makes_another_checksum(row: int, column: int) -> None:
    made = table(3)
    properties, accuracy = made.properties.copy(), made.accuracy.copy()
    column_of = properties[:, column] if column < len(PROPERTIES) else accuracy
    column_of[row] = np.nextafter(column_of[row], np.inf)
    assert NetworkTable(properties, accuracy, made.families).checksum != made.checksum


@given(st.permutations(range(6)))
def test_another_order_of_networks_makes_another_checksum(order: list[int]) -> None:
    made = table(3)
    families = tuple(made.families[row] for row in order)
    moved = NetworkTable(made.properties[order], made.accuracy[order], families)
    assert (moved.checksum == made.checksum) == (order == list(range(6)))


def test_another_family_makes_another_checksum() -> None:
    made = table(3)
    assert replace(made, families=made.families[::-1]).checksum != made.checksum


# Networks of a population


def test_stored_networks_are_found_in_the_order_of_the_population(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(network_table.wired, "measure", None)  # nothing is trained
    bench = Bench(reversed(networks(GRU)))
    assert same(network_table.networks(GRU, bench), table(4))


@pytest.mark.parametrize(
    ("population", "missing"),
    [
        (GRU, 1),
        (GRU, 8),
        (replace(GRU, graphs=5), 2),
        (replace(GRU, first=1), 2),
        (replace(GRU, variant="lstm"), 8),
        (replace(GRU, semantics=CORRECTED), 8),
    ],
)
def test_networks_that_the_baseline_lacks_are_told_with_what_to_do(
    population: WiredPopulation, missing: int
) -> None:
    known = networks(GRU)[missing if population == GRU else 0 :]
    with pytest.raises(NotMeasurable) as told:
        network_table.networks(population, Bench(known))
    found = 2 * population.graphs - missing
    assert str(told.value).startswith(
        f"baseline 'thesis' has {found} of the {2 * population.graphs} networks of "
        f"{population.variant}, {population.semantics.name}: train and accept the others with "
        "--sparsebench-profile=thesis --sparsebench-update-new"
    )


def test_a_profile_that_trains_from_scratch_takes_nothing_from_the_baseline(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    measured = []

    def measure(case, bench):
        measured.append(case)
        return trained[digest(case)]

    trained = {record.digest: record for record in networks(GRU, seed=1)}
    monkeypatch.setattr(network_table.wired, "measure", measure)
    bench = Bench(networks(GRU), from_scratch=True)
    assert same(network_table.networks(GRU, bench), table(4, seed=1))
    assert measured == GRU.networks
    network_table.networks(GRU, bench)
    assert measured == GRU.networks  # each is measured once, however often it is analysed
