"""The cost of planning a campaign of a million cases (docs/guide/long-runs.md).

    python -m validation.performance.measure_plan [--cases 1000000]

Plans pruning items of the thesis with enough seeds for that many cases, and their base models, with
a store that has a thousand of them.
"""

from __future__ import annotations

import argparse
import resource
import tempfile
import time
from itertools import chain
from pathlib import Path

from sparsebench.experiments.pruning.items import pruning_items
from sparsebench.harness.cache import store_of
from sparsebench.harness.context import Bench
from sparsebench.harness.cost_plan import plan
from sparsebench.parts.records import Record
from sparsebench.parts.stored_models import StoredModel
from sparsebench.values.identity import canonical, digest
from validation.settings import thesis_settings

FINISHED = 1000


def main() -> None:
    """Print seconds and the process's peak memory."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=1_000_000)
    chosen = parser.parse_args()
    items = pruning_items()
    seeds = range(-(-chosen.cases // len(items)))
    with tempfile.TemporaryDirectory() as temporary:
        bench = Bench(thesis_settings(Path(temporary)), Path(temporary), lambda text: None)
        for case in items[0].cases(range(FINISHED)):
            store = store_of(case, bench)
            record = Record(
                digest=digest(case), experiment="pruning", case=canonical(case), metrics={}
            )
            store.save_record(digest(case), StoredModel(record, bench.here, seconds=0.1))
        begin = time.perf_counter()
        parts = plan(chain.from_iterable(item.cases(seeds) for item in items), bench).parts
        seconds = time.perf_counter() - begin
    megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
    cases, finished = (sum(getattr(part, name) for part in parts) for name in ("cases", "finished"))
    print(
        f"{cases:,} cases, {finished:,} of them finished: planned in {seconds:.1f} s; the process had "
        f"{megabytes:.0f} MB at most"
    )


if __name__ == "__main__":
    main()
