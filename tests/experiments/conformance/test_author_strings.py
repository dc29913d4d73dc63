"""Networks on the author's strings are the thesis's, and so are the claims about them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from sparsebench.experiments.base.items import BaseItem
from sparsebench.experiments.conformance.author_strings import (
    AuthorStringsItem,
    author_strings,
    author_strings_claims,
    author_strings_items,
    on_strings,
)
from sparsebench.experiments.conformance.author_strings_table import (
    author_strings_markdown,
    author_strings_tables,
    results,
)
from sparsebench.experiments.pruning.claims import PRUNING
from sparsebench.experiments.pruning.items import PruningItem
from sparsebench.harness.claims import claims
from sparsebench.harness.measuring import measure
from sparsebench.harness.profiles import PROFILES
from sparsebench.parts.records import Record
from sparsebench.values.identity import canonical, digest, restore
from sparsebench.values.protocol import VARIANTS, StringFiles
from tests.harness import small
from tests.harness.settings import settings
from tests.judging.records import records

DATA = StringFiles("0" * 32, "1" * 32)


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """Two files of strings, where the author's repository has them."""
    folder = tmp_path / "Implementations" / "dataset"
    folder.mkdir(parents=True)
    rows = ["BTXSE,1", "BPVVE,1", "BTSSXXTTE,0", "BPTVPSE,0"]
    for name, times in (("train_data.csv", 10), ("test_data.csv", 5)):
        (folder / name).write_text("\n".join(["string,valid", *rows * times]) + "\n")
    return tmp_path


def on_his(item: BaseItem | PruningItem, accuracies: list[float]) -> list[Record]:
    """Records of an item, of networks that were trained on his strings."""
    found = []
    for record in records(item, accuracies, first_epoch=0.93):
        case = on_strings(restore(record.case), DATA)
        found.append(msgspec.structs.replace(record, case=canonical(case), digest=digest(case)))
    return found


def test_items_are_the_thesis_s_with_a_claim_each(checkout: Path) -> None:
    items = author_strings_items(settings(checkout, artifacts=checkout))
    assert [item.id for item in items[:4]] == list(VARIANTS)
    assert len({item.id for item in items}) == len(items)
    assert {(item.thesis.variant, item.thesis.target) for item in items[4:]} == {*PRUNING}
    assert all(claims(item) == author_strings_claims(item) == claims(item.thesis) for item in items)
    assert all(claims(item) for item in items)
    assert not any(claims(replace(item, semantics="corrected")) for item in items)


def test_cases_differ_from_the_thesis_s_in_their_strings_alone(checkout: Path) -> None:
    data = author_strings(checkout)
    base = AuthorStringsItem(BaseItem("gru"), data)
    assert base.cases([3]) == [replace(BaseItem("gru").cases([3])[0], data=data)]
    pruned = PruningItem("lstm", "h2h", 90)
    (case,) = AuthorStringsItem(pruned, data, "corrected").cases([1])
    (ours,) = replace(pruned, semantics="corrected").cases([1])
    assert case == replace(ours, base=replace(ours.base, data=data))


def test_digests_of_strings_of_files_never_change() -> None:
    (case,) = AuthorStringsItem(BaseItem("gru"), DATA).cases([0])
    assert digest(case) == "4999ef1bcd0e5269299e1c25d5116134"
    assert restore(canonical(case)) == case


def test_only_profiles_that_train_base_models_measure_them() -> None:
    item = AuthorStringsItem(BaseItem("gru"), DATA)
    assert [name for name, work in PROFILES.items() if item.is_in(work)] == ["thesis"]


def test_without_a_checkout_or_strings_in_it_there_are_none(tmp_path: Path) -> None:
    assert author_strings_items(settings(tmp_path)) == []
    assert author_strings_items(settings(tmp_path, artifacts=tmp_path)) == []


def test_two_data_sets_are_refused(checkout: Path) -> None:
    other = checkout / "copy" / "dataset"
    other.mkdir(parents=True)
    (other / "train_data.csv").touch()
    with pytest.raises(ValueError, match="are both there: give a folder with one of them"):
        author_strings(checkout)


def test_a_network_is_trained_and_judged_on_the_strings_of_the_files(checkout: Path) -> None:
    data, bench = author_strings(checkout), small.bench(checkout)
    record = measure(small.base(0, data=data), bench)
    assert record.case["data"] == {"kind": "StringFiles", "train": data.train, "test": data.test}
    assert record.metrics["strings"] == 20
    assert len(record.history["train_accuracy"]) == small.TRAINING.epochs


def test_tables_have_those_on_his_strings_alone() -> None:
    item = PruningItem("gru", "both", 90)
    found = [*on_his(item, [0.6] * 6), *records(item, [1.0] * 6), *on_his(BaseItem("gru"), [1.0])]
    pruned, base = results(found)
    assert (pruned.item, pruned.accuracy) == (item, pytest.approx(0.6))
    assert base.item == BaseItem("gru")
    (text,) = author_strings_markdown(found)
    assert "| both | gru | 90 | accuracy falls sharply below 0.99" in text
    assert "| 0.600 (0.600) | holds |" in text
    assert author_strings_markdown(records(item, [1.0])) == []
    table, *_ = author_strings_tables(found, [])
    assert [column.header for column in table.columns] == ["pruned", "variant", "0 %", "90 %"]
