"""Does a network of one's own fit a task, and can our engines fine-tune it?"""

from __future__ import annotations

import numpy as np

from sparsebench.parts.examples import CLASSES, Examples
from sparsebench.parts.own_network import OwnNetwork
from sparsebench.values.tasks import Task


def check_trainable(network: OwnNetwork) -> None:
    """Refuse a network that our engines cannot fine-tune as it is.

    Raises
    ------
    ValueError
        With what to do instead.
    """
    structure = network.structure
    _ = network.layout  # refuses both directions, and the mean
    if not structure.classes:
        raise ValueError(
            "the network has no head, and its outputs cannot be compared with answers: give its linear "
            "layer too, from_torch(module, head)"
        )
    if not structure.head_bias or not all(stack.bias for stack in structure.stacks):
        raise ValueError(
            "a layer has no bias, and fine-tuning would give it one: train it with bias=True, or "
            "fine-tune it in PyTorch (prune_module)"
        )


def check_dense(network: OwnNetwork) -> None:
    """Refuse a network that was pruned before.

    Raises
    ------
    ValueError
        With what to do instead.
    """
    kept, total = network.kept
    if kept < total:
        raise ValueError(
            f"the network has {kept} of {total} recurrent weights, and methods begin with all of them: "
            "give it as it was before it was pruned"
        )


def check_fits(network: OwnNetwork, task: Task, examples: Examples) -> None:
    """Refuse a task that a network cannot read or answer.

    Parameters
    ----------
    network
        The network.
    task
        The task.
    examples
        Some of its examples, which tell what it asks for.

    Raises
    ------
    ValueError
        With both sizes, and what to do.
    """
    structure = network.structure
    width = 0 if task.symbols else getattr(task, "width", 0)
    if bool(structure.symbols) != bool(task.symbols):
        reads, shows = (
            "symbols" if each else "frames of numbers" for each in (structure.symbols, task.symbols)
        )
        raise ValueError(
            f"the network reads {reads}, and the task shows {shows}: give a network "
            f"{'with' if task.symbols else 'without'} an embedding, or another task"
        )
    if task.symbols > structure.symbols:
        raise ValueError(
            f"the network's embedding has {structure.symbols} rows, and the task shows {task.symbols} "
            "symbols: give the task that it was trained on"
        )
    if width and width != structure.width:
        raise ValueError(
            f"the network reads {structure.width} numbers a step, and the task shows {width}: give "
            "the task that it was trained on"
        )
    if task.classes != structure.classes:
        raise ValueError(
            f"the network's head has {structure.classes} outputs, and the task asks for "
            f"{task.classes}: give the task that it was trained on, or the other head"
        )
    check_reads(network, examples)


def check_reads(network: OwnNetwork, examples: Examples) -> None:
    """Refuse examples that ask for answers at other steps than those at which a network says some.

    Raises
    ------
    ValueError
        With what to do.
    """
    every = examples.asked == CLASSES
    if every != (network.structure.reads == "every_step"):
        reads = "every_step" if every else "last_step"
        raise ValueError(
            f"the network's head reads {network.structure.reads}, and the task asks for an answer "
            f"{'after every step' if every else 'at the end'}: give network.reading({reads!r}) if it "
            "was trained so"
        )


def check_padding(network: OwnNetwork, examples: Examples) -> None:
    """Refuse to fine-tune on examples in which a network reads the padding row of its embedding.

    In PyTorch this row stays as it is, and all else is trained with it so. Our engines train every
    row that is read, and putting the row back afterwards would give another network than the one
    that was trained and tested. Steps after a sequence's end are not read, and move no row.

    Parameters
    ----------
    network
        The network.
    examples
        Those that it is fine-tuned on.

    Raises
    ------
    ValueError
        With how many read it, and what to do.
    """
    padding = network.structure.padding
    if padding is None or not examples.letters:
        return
    inside = np.arange(examples.inputs.shape[1]) < examples.lengths[:, None]
    count = int(((examples.inputs == padding) & inside).any(1).sum())
    if count:
        raise ValueError(
            f"{count} of {len(examples)} sequences to train on show symbol {padding}, the padding of "
            "the network's embedding, whose row fine-tuning would move: give the lengths of sequences "
            "that are filled up behind, and symbols without padding in them; or, if the row may be "
            "trained, a network whose nn.Embedding has padding_idx=None"
        )
