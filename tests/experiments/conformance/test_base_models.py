"""The author's own models, pruned here, have the accuracies he published."""

from pathlib import Path
from types import SimpleNamespace

import pytest

from sparsebench.experiments.conformance.base_models import (
    EVERY_CELL,
    Agreement,
    checkpoints,
    measure,
    nine_in_ten_agree,
    published_accuracies,
)
from sparsebench.values.numerics import NUMERICS


class Bench:
    """Enough of a bench for a conformance case."""

    settings = SimpleNamespace(device="cpu", threads=1)
    numerics = NUMERICS
    here = None

    def once(self, key, make):
        return make()

    def note(self, where):
        return ""

    def progress(self, message):
        pass


@pytest.fixture(scope="module")
def author(artifacts) -> Path:
    return artifacts


def test_every_base_checkpoint_of_a_checkout_is_found(author):
    assert [each.variant for each in checkpoints(author)] == ["gru", "rnn_tanh"]
    assert [each.variant for each in checkpoints(author / "Implementations")] == ["gru", "rnn_tanh"]


@pytest.mark.parametrize("target", ["i2h", "h2h", "both"])
@pytest.mark.parametrize("variant", ["gru", "rnn_tanh"])
def test_a_pruned_model_has_the_published_accuracy(author, variant, target):
    """The steepest items; `pytest benchmarks --sparsebench-artifacts` measures all of them."""
    (checkpoint,) = [each for each in checkpoints(author) if each.variant == variant]
    for item in checkpoint.items():
        if item.target == target and item.percent in (80, 90, 100):
            assert abs(measure(item, Bench()).difference) <= EVERY_CELL, item.id


def test_a_folder_without_checkpoints_says_what_is_looked_for(tmp_path):
    with pytest.raises(ValueError, match=r"no state_dicts/prune/\*\.pt below it"):
        checkpoints(tmp_path)


def test_a_checkpoint_of_no_known_variant_is_refused(tmp_path):
    folder = tmp_path / "experiments" / "state_dicts" / "prune"
    folder.mkdir(parents=True)
    (folder / "transformer.pt").touch()
    with pytest.raises(ValueError, match="'transformer': choose one of rnn_tanh, rnn_relu"):
        checkpoints(tmp_path)


def test_a_checkpoint_without_published_figures_is_measured_all_the_same(tmp_path, author):
    assert published_accuracies(tmp_path / "none.csv", "gru") == {}
    item = next(iter(checkpoints(author))).items()[-1]
    alone = SimpleNamespace(
        checkpoint=SimpleNamespace(**{**vars(item.checkpoint), "results": tmp_path / "none.csv"}),
        target=item.target,
        percent=item.percent,
    )
    agreement = measure(alone, Bench())
    assert agreement.difference is None
    assert 0.4 < agreement.measured < 0.6


def test_a_damaged_result_file_names_its_line(tmp_path):
    path = tmp_path / "gru.csv"
    path.write_text("mode,prune,epoch,test_acc\ngru_prune,10,0,0.9\ngru_prune,ten,0,0.9\n")
    with pytest.raises(ValueError, match=r"gru\.csv, line 3"):
        published_accuracies(path, "gru")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"gru_prune,10,0,nan\n", "line 2: .*test_acc 'nan': write whole numbers and an accuracy"),
        (b"gru_prune,10,0,1.5\n", "line 2: .*test_acc '1.5'"),
        (b"gru_prune,10,0\n", "line 2: .*test_acc None"),
        (b"gru_prune,10,0," + b"x" * 99_999, "line 2: .*test_acc 'x{79}[.]{3}: write"),
        (b"gru_prune,10,0," + b"x" * 200_000, "line 2: field larger than field limit"),
        (b'gru_prune,10,0,"0.9', "line 2: unexpected end of data"),
        (b"gru_prune,10,0,\xff", "line 2: invalid start byte: use UTF-8"),
    ],
    ids=["nan", "high", "short", "long", "huge", "unclosed", "not-utf-8"],
)
def test_a_published_accuracy_that_is_none_is_told_with_its_line(tmp_path, content, message):
    path = tmp_path / "gru.csv"
    path.write_bytes(b"mode,prune,epoch,test_acc\n" + content)
    with pytest.raises(ValueError, match=rf"gru\.csv, {message}"):
        published_accuracies(path, "gru")


def test_a_result_file_without_a_column_names_it(tmp_path):
    path = tmp_path / "gru.csv"
    path.write_bytes(b"mode,prune,test_acc\ngru_prune,10,0.9")
    with pytest.raises(ValueError, match=r"gru\.csv, line 1: no column epoch: the header is"):
        published_accuracies(path, "gru")


@pytest.mark.parametrize(("close", "agree"), [(10, True), (9, True), (8, False)])
def test_nine_items_in_ten_must_be_close(close, agree):
    agreements = [
        Agreement(None, 0.9, 0.9 + (0.006 if index >= close else 0)) for index in range(10)
    ]
    agreements.append(Agreement(None, 0.9, None))
    assert nine_in_ten_agree(agreements) == (agree, close, 10)


def test_a_checkout_may_have_wired_networks_alone_but_not_nothing(tmp_path):
    with pytest.raises(ValueError, match=r"give a checkout of the author.s repository$"):
        checkpoints(tmp_path)
    (tmp_path / "results" / "structure").mkdir(parents=True)
    (tmp_path / "results" / "structure" / "gru.csv").touch()
    assert checkpoints(tmp_path) == []
