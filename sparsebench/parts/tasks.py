"""What a task's description stands for: examples to train on, and to be judged by."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sparsebench.parts.labelled_texts import labelled_text
from sparsebench.parts.letters import next_letters, text_letters
from sparsebench.parts.random_tasks import Points, random_labels, recall
from sparsebench.parts.sequences import Material
from sparsebench.parts.strings import generate
from sparsebench.values.protocol import ReberStrings
from sparsebench.values.tasks import (
    LabelledText,
    NextLetters,
    RandomFunction,
    RandomLabels,
    Recall,
    Task,
    TextLetters,
)

_MAKERS: dict[type, Callable[[Any], Material]] = {
    LabelledText: labelled_text,
    NextLetters: next_letters,
    RandomFunction: Points,
    RandomLabels: random_labels,
    Recall: recall,
    ReberStrings: generate,
    TextLetters: text_letters,
}


def material(task: Task) -> Material:
    """Make what networks are trained on and judged by; equal tasks give equal examples everywhere.

    Raises
    ------
    OSError, ValueError
        If it is made of a text that cannot be read, or is another one by now.
    """
    return _MAKERS[type(task)](task)
