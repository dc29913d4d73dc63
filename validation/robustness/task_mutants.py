"""Bugs on tasks other than the thesis's: losses, optimisers, generated strings."""

from __future__ import annotations

from validation.robustness.mutant import Mutant

_PARTS, _ENGINES = "sparsebench/parts", "sparsebench/engines"
_EXPERIMENTS, _FUSED = "sparsebench/experiments", "sparsebench/engines/fused"

TASKS = (
    Mutant(
        "squared error: half its gradient",
        f"{_FUSED}/readout.py",
        "scratch.logits[index] = 2.0 * error / answers",
        "scratch.logits[index] = error / answers",
    ),
    Mutant(
        "next letters: the units' gradients of the last step alone",
        f"{_FUSED}/readout.py",
        "    for read in range(steps if every_step else 1):\n        for j in range(size):\n",
        "    for read in range(steps - 1 if every_step else 0, steps if every_step else 1):\n"
        "        for j in range(size):\n",
    ),
    Mutant(
        "vectors read a step late",
        f"{_FUSED}/tile.py",
        "data.vectors[source + t * width + k]",
        "data.vectors[source + max(t - 1, 0) * width + k]",
    ),
    Mutant(
        "Nesterov momentum 0.8",
        f"{_ENGINES}/populations.py",
        "MOMENTUM, ADAGRAD_EPSILON, RMSPROP_DECAY = 0.9,",
        "MOMENTUM, ADAGRAD_EPSILON, RMSPROP_DECAY = 0.8,",
    ),
    Mutant(
        "the learning rate does not fall",
        "sparsebench/values/protocol.py",
        "if self.final_rate is None or self.epochs < 2:",
        "if True:",
    ),
    Mutant(
        "orthogonal weights that are not",
        f"{_PARTS}/draws.py",
        "left = left - math.fsum",
        "left = left - 0.0 * math.fsum",
    ),
    Mutant(
        "bits counted twice",
        f"{_PARTS}/random_tasks.py",
        "return samples * (1 - entropy)",
        "return 2 * samples * (1 - entropy)",
    ),
    Mutant(
        "letters are drawn without chance",
        f"{_ENGINES}/writing.py",
        "drawn = random.random_sample((len(read), 1)) * shares[:, -1:]",
        "drawn = 0.5 * shares[:, -1:]",
    ),
    Mutant(
        "every string that ends is grammatical",
        f"{_EXPERIMENTS}/language_modelling/generation.py",
        "if string[place] not in legal_next(string[:place], task.grammar):",
        "if not string:",
    ),
)
