from __future__ import annotations

from dataclasses import FrozenInstanceError, fields, replace

import pytest
from hypothesis import given

from sparsebench.values.semantics import CHOICES, CORRECTED, PUBLISHED, SEMANTICS, Semantics
from tests import strategies


def test_the_published_preset_is_what_the_artefacts_do() -> None:
    assert (
        Semantics(
            readout="padded",
            threshold_scope="model",
            prune_count="percentile",
            gate_masks="repeated",
            masked_weights="kept",
        )
        == PUBLISHED
    )


def test_the_corrected_preset_differs_in_every_switch() -> None:
    assert (
        Semantics(
            readout="last_step",
            threshold_scope="layer",
            prune_count="rank",
            gate_masks="tiled",
            masked_weights="zeroed",
        )
        == CORRECTED
    )


def test_every_switch_has_its_choices() -> None:
    assert list(CHOICES) == [field.name for field in fields(Semantics)]


@pytest.mark.parametrize("switch", list(CHOICES))
def test_an_unknown_choice_names_the_switch_and_its_choices(switch: str) -> None:
    allowed = ", ".join(CHOICES[switch])
    with pytest.raises(ValueError, match=f"^unknown semantics switch {switch} 'x': .* {allowed}$"):
        replace(PUBLISHED, **{switch: "x"})


def test_the_presets_are_called_by_their_names() -> None:
    assert {name: preset.name for name, preset in SEMANTICS.items()} == {
        "published": "published",
        "corrected": "corrected",
    }


def test_a_mixture_is_called_after_its_switches() -> None:
    mixed = replace(PUBLISHED, prune_count="rank")
    assert mixed.name == "padded+model+rank+repeated+kept"


@given(one=strategies.semantics, other=strategies.semantics)
def test_two_semantics_share_a_name_only_if_they_are_equal(
    one: Semantics, other: Semantics
) -> None:
    assert (one.name == other.name) == (one == other)


def test_semantics_cannot_be_changed() -> None:
    with pytest.raises(FrozenInstanceError):
        PUBLISHED.readout = "last_step"  # type: ignore[misc]
