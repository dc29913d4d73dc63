"""Work of each profile on the tasks of the capacity report and of the proposal."""

from __future__ import annotations

from dataclasses import dataclass

from sparsebench.harness import sequence_profiles
from sparsebench.harness.sequence_profiles import SequenceWork
from sparsebench.values.protocol import VARIANTS
from sparsebench.values.sequence_tasks import AddingProblem


@dataclass(frozen=True)
class LongMemory:
    """Networks that begin with several kinds of initial weights, on a task of long memory.

    Attributes
    ----------
    task, units, epochs
        The task, the units of the one layer, and the epochs of training.
    seeds
        The least number of seeds.
    """

    task: AddingProblem
    units: int
    epochs: int
    seeds: int


@dataclass(frozen=True)
class TaskWork:
    """An amount of work on tasks.

    Attributes
    ----------
    percents
        Pruning percentages of dense and wired networks; 0: not pruned.
    pruned_variants
        Variants that are pruned, and wired.
    other_cells
        Cell types that the thesis does not have, whose capacity is measured; they are not pruned.
    label_parameters, label_layers, label_ratios, label_epochs
        Networks that store random labels: parameters at most, layers, samples per parameter,
        epochs. Those of one layer are pruned and wired too.
    recall_units, recall_epochs
        Networks that recall a vector of 64 numbers: units, epochs.
    letter_units, letter_epochs
        Networks that predict the next letter of strings: units, epochs.
    text_epochs
        Epochs of training on a text.
    function_units, function_samples, function_epochs
        Networks that learn a random function: units, points, epochs.
    few_points_units, few_points, few_points_epochs
        The same with so few points, so often, that networks learn them; no points: not trained.
    reber_epochs, reber_variants
        Epochs of training on Reber strings with other optimisers and other initial weights, and the
        variants.
    long_memory
        Other initial weights on a task of long memory; None: not trained.
    strings
        Strings that each network generates.
    task_units, task_epochs
        Networks on any other task, such as a project's own: units, epochs.
    sequences
        Recognised sequence tasks, and their networks.
    claimed
        Whether networks are trained for long enough to judge the report's claims.
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
    reber_variants: tuple[str, ...]
    strings: int
    task_units: tuple[int, ...]
    task_epochs: int
    sequences: tuple[SequenceWork, ...]
    claimed: bool
    few_points_units: tuple[int, ...] = ()
    few_points: int = 0
    few_points_epochs: int = 0
    long_memory: LongMemory | None = None
    other_cells: tuple[str, ...] = ()


SMOKE = TaskWork(
    percents=(0, 80),
    pruned_variants=("gru",),
    label_parameters=(200,),
    label_layers=(1,),
    label_ratios=(2,),
    label_epochs=20,
    recall_units=(8, 32),
    recall_epochs=2,
    letter_units=(8,),
    letter_epochs=2,
    text_epochs=2,
    function_units=(8,),
    function_samples=1024,
    function_epochs=2,
    reber_epochs=1,
    reber_variants=("rnn_tanh",),
    strings=64,
    task_units=(8,),
    task_epochs=2,
    sequences=sequence_profiles.SMOKE,
    claimed=False,
)
QUICK = TaskWork(
    percents=(0, 80),
    pruned_variants=("gru",),
    label_parameters=(200,),
    label_layers=(1,),
    label_ratios=(2, 3, 4),
    label_epochs=300,
    recall_units=(8, 32),
    recall_epochs=15,
    letter_units=(4, 8, 16),
    letter_epochs=4,
    text_epochs=15,
    function_units=(8, 32),
    function_samples=1024,
    function_epochs=60,
    reber_epochs=1,
    reber_variants=VARIANTS,
    strings=500,
    task_units=(16,),
    task_epochs=20,
    sequences=sequence_profiles.QUICK,
    claimed=True,
    long_memory=LongMemory(AddingProblem(steps=20, train=500, test=200), 16, 5, 1),
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
    reber_variants=VARIANTS,
    strings=2000,
    task_units=(8, 16, 32),
    task_epochs=60,
    sequences=sequence_profiles.THESIS,
    claimed=True,
    few_points_units=(8, 16, 32),
    few_points=1024,
    few_points_epochs=400,
    long_memory=LongMemory(AddingProblem(steps=100, train=5000), 32, 60, 8),
    other_cells=("mgu",),
)
