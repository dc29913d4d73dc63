"""Costs of training and measuring on this machine, for `sparsebench campaign plan`.

    python -m validation.performance.measure_costs [STORE...] [--variants NAME...]
        [--only base|sequences] [--profile NAME] [--write]

Takes the medians from stores filled on this machine, and trains what default runs do not: a base
model of each variant, and a profile's networks on sequence tasks. Of each, two seeds are trained for
an epoch; the second is timed, after the loops are compiled.
`--write` puts the costs into the package; costs that were not measured keep their figures.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Collection, Iterable
from dataclasses import replace
from pathlib import Path

import msgspec

from sparsebench.experiments.capacity.cases import TaskCase
from sparsebench.experiments.capacity.sequence_items import sequence_items
from sparsebench.experiments.finetuning.cases import FinetuningCase
from sparsebench.harness.context import Bench, circumstances
from sparsebench.harness.cost_plan import SHIPPED, ShippedCosts, costs_of, shipped_costs
from sparsebench.harness.items import base_case
from sparsebench.harness.profiles import PROFILES
from sparsebench.harness.registry import network_kind_of
from sparsebench.harness.trained_models import model_of
from sparsebench.parts.files import write_atomically
from sparsebench.parts.store_entries import entries
from sparsebench.parts.stored_models import StoredModel
from sparsebench.values.case import TrainedCase
from sparsebench.values.protocol import CELL_TYPES
from validation import ROOT
from validation.settings import thesis_settings


def base_cases(variants: Iterable[str]) -> list[TrainedCase]:
    """A base model of each variant."""
    return [base_case(variant, 0, "published") for variant in variants]


def sequence_cases(profile: str, variants: Collection[str]) -> list[TrainedCase]:
    """A profile's networks on the sequence tasks, pruned ones after those that they are made from."""
    work = PROFILES[profile].tasks
    items = [*sequence_items(work), *sequence_items(work, extras=True)]
    cases = [case for item in items if item.variant in variants for case in item.cases([0])]
    return [case for case in cases if isinstance(case, TaskCase | FinetuningCase)]


def trained(cases: Iterable[TrainedCase]) -> list[StoredModel]:
    """Each network, trained for an epoch with compiled loops.

    The seconds are those of an idle core: other load on this machine is excluded.
    """
    found = []
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(thesis_settings(Path(folder)), ROOT, lambda text: None)
        for case in cases:
            for seed in (0, 1):  # the first one includes compilation
                asked = for_an_epoch(case, seed)
                for made_from in network_kind_of(asked).made_from(asked):
                    model_of(made_from, bench)
                begin = time.process_time()
                model = model_of(asked, bench)
                seconds = time.process_time() - begin
            found.append(StoredModel(model.training, model.trained, seconds=seconds))
    return found


def for_an_epoch(case: TrainedCase, seed: int) -> TrainedCase:
    """A network of a seed that is trained for an epoch, as is the one that it is made from."""
    training = replace(case.training, epochs=1)
    if isinstance(case, FinetuningCase):
        return replace(case, training=training, network=for_an_epoch(case.network, seed))
    return replace(case, training=training, seed=seed)  # type: ignore[type-var]


def main() -> None:
    """Print each cost, in seconds per epoch or split, or in total."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("stores", type=Path, nargs="*")
    parser.add_argument("--variants", nargs="+", default=CELL_TYPES, choices=CELL_TYPES)
    parser.add_argument("--only", choices=("base", "sequences"), help="train these networks alone")
    parser.add_argument("--profile", default="thesis", choices=PROFILES, help="of sequence tasks")
    parser.add_argument("--write", action="store_true", help="put them into the package")
    chosen = parser.parse_args()
    if chosen.write and set(chosen.variants) != set(CELL_TYPES):
        parser.error(
            "--write puts the costs of all variants into the package: leave out --variants"
        )
    kept = [
        entry.model
        for store in chosen.stores
        for entry in entries(store)
        if entry.model is not None
    ]
    cases: list[TrainedCase] = []
    if chosen.only != "sequences":
        cases += base_cases(chosen.variants)
    if chosen.only != "base":
        cases += sequence_cases(chosen.profile, chosen.variants)
    seconds = {
        name: float(f"{cost:.3g}") for name, cost in costs_of([*kept, *trained(cases)]).items()
    }
    for name in sorted(seconds):
        print(f"{seconds[name]:10.3f} s  {name}")
    if chosen.write:
        write_atomically(SHIPPED, as_text(merged(shipped_costs(), seconds)))


def merged(shipped: ShippedCosts, seconds: dict[str, float]) -> ShippedCosts:
    """The package's costs, updated with those measured here, and where both were measured."""
    here = circumstances(ROOT, "cpu")
    if others := shipped.seconds.keys() - seconds.keys():
        if shipped.machine != here.cpu:
            raise SystemExit(
                f"{len(others)} costs were measured on {shipped.machine}, and this is {here.cpu}: give "
                "stores that have all of them, filled here"
            )
        *_, former = shipped.commit.split(", the rest at ")
        commit = f"{here.commit.id[:12]}, the rest at {former}"
    else:
        commit = here.commit.id[:12]
    return ShippedCosts(here.cpu, commit, {**shipped.seconds, **seconds})


def as_text(costs: ShippedCosts) -> bytes:
    """The contents of the package's file."""
    known = ShippedCosts(costs.machine, costs.commit, dict(sorted(costs.seconds.items())))
    return msgspec.json.format(msgspec.json.encode(known), indent=1) + b"\n"


if __name__ == "__main__":
    main()
