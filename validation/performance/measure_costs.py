"""What training and measuring costs on this machine, for `sparsebench campaign plan`.

    python -m validation.performance.measure_costs STORE... [--variants NAME...] [--write]

Takes the medians of what stores hold that were filled on this machine, and trains a base model of each
variant for two epochs, which default runs do not. `--write` puts them into the package.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import msgspec

from sparsebench.harness.context import Bench, circumstances
from sparsebench.harness.cost_plan import SHIPPED, ShippedCosts, costs_of
from sparsebench.harness.items import base_case
from sparsebench.harness.trained_models import model_of
from sparsebench.parts.files import write_atomically
from sparsebench.parts.store_entries import entries
from sparsebench.parts.stored_models import StoredModel
from sparsebench.values.protocol import VARIANTS
from validation import ROOT
from validation.settings import thesis_settings


def base_models(variants: Iterable[str]) -> list[StoredModel]:
    """A base model of each of some variants, trained for two epochs by loops that are compiled."""
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(thesis_settings(Path(folder)), ROOT, lambda text: None)
        for variant in variants:
            case = base_case(variant, 0, "published")
            for epochs in (1, 2):  # the first one waits for the compiler
                model_of(replace(case, training=replace(case.training, epochs=epochs)), bench)
        models = [entry.model for entry in entries(Path(folder)) if entry.model is not None]
        return [model for model in models if model.record.case["training"]["epochs"] == 2]


def main() -> None:
    """Print each cost, in seconds for an epoch, a split, or the whole of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("stores", type=Path, nargs="+")
    parser.add_argument("--variants", nargs="+", default=VARIANTS, choices=VARIANTS)
    parser.add_argument("--write", action="store_true", help="put them into the package")
    chosen = parser.parse_args()
    if chosen.write and set(chosen.variants) != set(VARIANTS):
        parser.error(
            "--write puts the costs of all variants into the package: leave out --variants"
        )
    kept = [
        entry.model
        for store in chosen.stores
        for entry in entries(store)
        if entry.model is not None
    ]
    seconds = {
        name: float(f"{cost:.3g}")
        for name, cost in costs_of([*kept, *base_models(chosen.variants)]).items()
    }
    for name in sorted(seconds):
        print(f"{seconds[name]:10.3f} s  {name}")
    if chosen.write:
        here = circumstances(ROOT, "cpu")
        costs = ShippedCosts(here.cpu, here.commit.id[:12], dict(sorted(seconds.items())))
        text = msgspec.json.format(msgspec.json.encode(costs), indent=1) + b"\n"
        write_atomically(SHIPPED, text)


if __name__ == "__main__":
    main()
