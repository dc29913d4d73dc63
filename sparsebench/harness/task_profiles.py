"""How much work a profile does on the tasks of the report on capacity and of the proposal."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class TaskWork:
    """An amount of work.

    Attributes
    ----------
    percents
        By how much of both networks are pruned; 0: not at all.
    pruned_variants
        Which are pruned, and wired.
    label_parameters, label_layers, label_ratios, label_epochs
        Of networks that store random labels: parameters at most, layers, samples for each parameter,
        epochs of training. Those of one layer are pruned and wired too.
    recall_units, recall_epochs
        Units of networks that recall a vector of 64 numbers.
    letter_units, letter_epochs
        Of networks that say next letters of strings.
    text_epochs
        For how long they learn from a text.
    function_units, function_samples, function_epochs
        Of networks that learn a random function at so many points.
    reber_epochs
        For how long networks learn to classify Reber strings, with other optimisers and from other
        initial weights.
    strings
        That each network writes.
    task_units, task_epochs
        Of networks on any other task, such as a project's own.
    claimed
        Whether networks learn for long enough to be held against the report's claims.
    """

    percents: tuple[int, ...]
    pruned_variants: tuple[str, ...]
    label_parameters: tuple[int, ...]
    label_layers: tuple[int, ...]
    label_ratios: tuple[int, ...]
    label_epochs: int
    recall_units: tuple[int, ...]
    recall_epochs: int
    letter_units: tuple[int, ...]
    letter_epochs: int
    text_epochs: int
    function_units: tuple[int, ...]
    function_samples: int
    function_epochs: int
    reber_epochs: int
    strings: int
    task_units: tuple[int, ...]
    task_epochs: int
    claimed: bool


SMOKE = TaskWork(
    percents=(0, 80),
    pruned_variants=("gru",),
    label_parameters=(200,),
    label_layers=(1,),
    label_ratios=(2,),
    label_epochs=20,
    recall_units=(16, 64),
    recall_epochs=2,
    letter_units=(8,),
    letter_epochs=2,
    text_epochs=2,
    function_units=(8,),
    function_samples=1024,
    function_epochs=2,
    reber_epochs=1,
    strings=64,
    task_units=(8,),
    task_epochs=2,
    claimed=False,
)
QUICK = TaskWork(
    percents=(0, 80),
    pruned_variants=("rnn_tanh", "gru"),
    label_parameters=(200,),
    label_layers=(1,),
    label_ratios=(2, 3, 4),
    label_epochs=600,
    recall_units=(16, 64),
    recall_epochs=30,
    letter_units=(4, 8, 16),
    letter_epochs=8,
    text_epochs=30,
    function_units=(8, 32),
    function_samples=1024,
    function_epochs=60,
    reber_epochs=2,
    strings=500,
    task_units=(16,),
    task_epochs=20,
    claimed=True,
)
THESIS = TaskWork(
    percents=(0, 50, 80, 90),
    pruned_variants=("rnn_tanh", "rnn_relu", "lstm", "gru"),
    label_parameters=(200, 400, 800),
    label_layers=(1, 2),
    label_ratios=(2, 3, 4),
    label_epochs=2000,
    recall_units=(10, 25, 40, 55, 64, 80, 100),
    recall_epochs=60,
    letter_units=(4, 8, 16, 32),
    letter_epochs=30,
    text_epochs=100,
    function_units=(8, 32),
    function_samples=1_000_000,
    function_epochs=1,
    reber_epochs=10,
    strings=2000,
    task_units=(8, 16, 32),
    task_epochs=60,
    claimed=True,
)
