"""Which pruned models a profile measures: its own percentages, and all that were asked for by name."""

import pytest

from sparsebench.experiments.finetuning.items import finetuning_items
from sparsebench.experiments.pruning.items import PruningItem, pruning_items
from sparsebench.harness.claims import claims
from sparsebench.harness.items import PERCENTS
from sparsebench.harness.profiles import PROFILES
from sparsebench.values.protocol import OTHER_TARGETS
from tests.harness.settings import settings


def percents(tmp_path, profile, items):
    return [each.percent for each in settings(tmp_path, profile=profile).planned(items)]


@pytest.mark.parametrize("profile", PROFILES)
def test_of_the_thesis_s_percentages_a_profile_measures_its_own(tmp_path, profile):
    items = pruning_items(variants=["gru"], targets=["both"])
    assert percents(tmp_path, profile, items) == [*PROFILES[profile].percents]


@pytest.mark.parametrize("profile", PROFILES)
def test_percentages_that_are_asked_for_by_name_are_measured_under_every_profile(tmp_path, profile):
    """The smoke profile used to drop 70, and to measure 75."""
    items = pruning_items(variants=["gru"], targets=["both"], percents=[0, 70, 75])
    items += [PruningItem("lstm", "h2h", 80), PruningItem("lstm", "h2h", 80, "corrected")]
    assert percents(tmp_path, profile, items) == [0, 70, 75, 80, 80]


@pytest.mark.parametrize("target", OTHER_TARGETS)
def test_readout_and_embedding_are_pruned_when_they_are_named_and_nothing_is_claimed(target):
    assert target not in {item.target for item in pruning_items()}
    (item,) = pruning_items(["gru"], [target], [90])
    assert item.id == f"gru-{target}-p90"
    assert claims(item) == ()


def test_a_readout_can_be_fine_tuned_and_an_embedding_cannot():
    (item,) = finetuning_items(2, ["gru"], ["readout"], [90])
    assert (item.id, claims(item)) == ("gru-readout-p90", ())
    with pytest.raises(ValueError, match="'embedding' cannot be fine-tuned: the engine adds"):
        finetuning_items(2, ["gru"], ["embedding"], [90])


def test_an_item_is_the_same_whoever_asked_for_it():
    items = pruning_items(["gru"], ["both"])
    assert items == pruning_items(["gru"], ["both"], PERCENTS)
    assert {*items} == {PruningItem("gru", "both", percent) for percent in PERCENTS}
