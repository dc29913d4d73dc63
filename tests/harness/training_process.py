"""A process of its own that trains networks into a store and notes the seeds of those it did.

python -m tests.harness.training_process STORE LOG KIND SEEDS EPOCHS
"""

import sys
from dataclasses import replace
from pathlib import Path

from sparsebench.engines import population_training
from sparsebench.harness.trained_models import model_of, request
from tests.harness import small


def requested(kind: str, seeds: int, epochs: int) -> list:
    """What it trains: `base` models or `wired` networks."""
    training = replace(small.TRAINING, epochs=epochs)
    make = {"base": small.base, "wired": small.wired}[kind]
    return [make(seed, training=training) for seed in range(seeds)]


def main(store: Path, log: Path, kind: str, seeds: int, epochs: int) -> None:
    train = population_training.train_population

    def train_and_note(starts, *arguments):
        courses = train(starts, *arguments)
        with log.open("a", encoding="utf-8") as file:
            file.write("".join(f"{start.seed}\n" for start in starts))
        return courses

    population_training.train_population = train_and_note
    bench, cases = small.bench(store, threads=2), requested(kind, seeds, epochs)
    request(cases, bench)
    for case in cases:
        model_of(case, bench)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3], int(sys.argv[4]), int(sys.argv[5]))
