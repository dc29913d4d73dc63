"""Floors: how far one gets on a task without recurrence.

A network shows memory only above what simple methods reach that see a fixed part of each sequence:
the most frequent answer, the length, which letters, pairs or triples of letters occur, or which
words, the last steps, or a linear model of all steps. Classifiers are scikit-learn's logistic
regression with its default penalty. All are fitted to training examples and judged by test
examples, as networks are.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from sparsebench.engines import floor_methods as methods
from sparsebench.parts.examples import CLASS, CLASSES, NO_ANSWER, VALUES, Dataset, Examples

Array = np.ndarray

MOST_EXAMPLES = 100_000
"""Training examples that floors are fitted to, the first ones of the first epoch."""

WIDEST = 10_000
"""Most numbers of a sequence, steps times width, that a linear model reads."""


@dataclass(frozen=True)
class Floor:
    """A method without recurrence.

    Attributes
    ----------
    name
        Its name in records and tables.
    fits
        Whether it applies to a task's training examples.
    answer
        Takes training examples, test examples and the number of classes (or of numbers per answer)
        to outputs as a network's: (N, classes) or (N, T, classes) log-probabilities, or (N, K)
        numbers.
    """

    name: str
    fits: Callable[[Examples], bool]
    answer: Callable[[Examples, Examples, int], Array]


def floors_of(
    dataset: Dataset, classes: int, repeated: Sequence[int] | None = None
) -> dict[str, Array]:
    """What each method that applies to a task answers to the test examples.

    Parameters
    ----------
    dataset
        The examples.
    classes
        The task's number of classes, or of numbers per answer.
    repeated
        As in `sparsebench.parts.task_kind.TaskKind`.

    Returns
    -------
    dict
        Name of the method -> its outputs, as in `Floor.answer`, in the order of `FLOORS`.
    """
    methods = methods_for(dataset, classes, repeated=repeated)
    return {name: answer(dataset.test) for name, answer in methods.items()}


def methods_for(
    dataset: Dataset,
    classes: int,
    words: Callable[[Examples], methods.Words] | None = None,
    repeated: Sequence[int] | None = None,
) -> dict[str, Callable[[Examples], Array]]:
    """Each method that applies to a task: takes any examples to its outputs, as `floors_of`.

    Parameters
    ----------
    dataset, classes, repeated
        As in `floors_of`.
    words
        If sequences of words are classified: divides each into its words.
    """
    train = _first(dataset)
    floors = FLOORS if repeated is None else [_repeating(floor, repeated) for floor in FLOORS]

    def answering(floor: Floor) -> Callable[[Examples], Array]:
        return lambda examples: floor.answer(train, examples, classes)

    found = {floor.name: answering(floor) for floor in floors if floor.fits(train)}
    if words is not None:
        for name, answer in WORD_FLOORS.items():
            found[name] = partial(_of_words, answer, words, train, classes)
    return found


def _repeating(floor: Floor, columns: Sequence[int]) -> Floor:
    """A method; if it repeats the last value, that of some columns."""
    if floor.answer is not methods.last_value:
        return floor
    return replace(
        floor,
        fits=lambda train: _of_values(train) and len(columns) == train.answers.shape[1],
        answer=lambda *given: methods.last_value(*given)[:, list(columns)],
    )


def _of_words(
    answer: Callable[[methods.Words, methods.Words, Array, int], Array],
    words: Callable[[Examples], methods.Words],
    train: Examples,
    classes: int,
    examples: Examples,
) -> Array:
    return answer(words(train), words(examples), train.answers, classes)


def judged(said: Array, test: Examples) -> dict[str, float]:
    """The figures of outputs, as a network has them.

    Parameters
    ----------
    said
        As in `Floor.answer`; of classes, any logits.
    test
        The examples that were answered.

    Returns
    -------
    dict
        `loss`, cross entropy in nats or squared error; for a class at the end `accuracy`, for a
        class after each step `letters_right`.
    """
    if test.asked == VALUES:
        return {"loss": float(np.mean((said - test.answers) ** 2.0))}
    asked = test.answers != NO_ANSWER
    logits, answers = said[asked].astype(np.float64), test.answers[asked]
    logits -= logits.max(axis=1, keepdims=True)
    right = logits[np.arange(len(answers)), answers]
    loss = float(np.mean(np.log(np.exp(logits).sum(axis=1)) - right))
    share = float(np.mean(logits.argmax(axis=1) == answers))
    return {"loss": loss, "accuracy" if test.asked == CLASS else "letters_right": share}


def _first(dataset: Dataset) -> Examples:
    """The first training examples, from as many pieces as it takes; at most `MOST_EXAMPLES`."""
    pieces: list[Examples] = []
    for piece in dataset.pieces(0):
        pieces.append(piece)
        if sum(map(len, pieces)) >= MOST_EXAMPLES:
            break
    whole = Examples(
        _joined([piece.inputs for piece in pieces]),
        _joined([piece.lengths for piece in pieces]),
        _joined([piece.answers for piece in pieces]),
    )
    return whole.part(0, MOST_EXAMPLES)


def _joined(arrays: list[Array]) -> Array:
    """Arrays one after another; steps that shorter ones lack are zeros, and nothing is asked there."""
    if len(arrays) == 1:
        return arrays[0]
    if arrays[0].ndim == 1 or len({array.shape[1] for array in arrays}) == 1:
        return np.concatenate(arrays)
    steps = max(array.shape[1] for array in arrays)
    empty = NO_ANSWER if arrays[0].dtype.kind == "i" else 0
    padded = [
        np.pad(
            array,
            [(0, 0), (0, steps - array.shape[1]), *[(0, 0)] * (array.ndim - 2)],
            constant_values=empty,
        )
        for array in arrays
    ]
    return np.concatenate(padded)


def _of_class(train: Examples) -> bool:
    return train.asked == CLASS


def _of_steps(train: Examples) -> bool:
    return train.asked == CLASSES


def _of_values(train: Examples) -> bool:
    return train.asked == VALUES


def _lengths_differ(train: Examples) -> bool:
    return len(np.unique(train.lengths)) > 1


def _narrow(train: Examples) -> bool:
    """Whether sequences of vectors are short enough for a linear model."""
    return not train.letters and train.inputs.shape[1] * train.inputs.shape[2] <= WIDEST


def _next_letters(train: Examples) -> bool:
    """Whether a class is asked for after each letter."""
    return _of_steps(train) and train.letters


def _texts(train: Examples) -> bool:
    """Whether sequences of letters are classified."""
    return _of_class(train) and train.letters


FLOORS = (
    Floor("majority", lambda train: not _of_values(train), methods.most_frequent),
    Floor("length", lambda train: _of_class(train) and _lengths_differ(train), methods.by_length),
    Floor("first three letters", _texts, methods.by_start(3)),
    Floor("letters", _texts, methods.occurring(1)),
    Floor("bigrams", _texts, methods.occurring(2)),
    Floor("trigrams", _texts, methods.occurring(3)),
    Floor("seen letters", _texts, methods.seen(1)),
    Floor("seen bigrams", _texts, methods.seen(2)),
    Floor("seen trigrams", _texts, methods.seen(3)),
    Floor("last letter", _next_letters, methods.after(1)),
    Floor("last two letters", _next_letters, methods.after(2)),
    Floor("last three letters", _next_letters, methods.after(3)),
    Floor("last two letters, mixed", _next_letters, methods.mixed(2)),
    Floor("last four letters, mixed", _next_letters, methods.mixed(4)),
    Floor("this step", lambda train: _of_steps(train) and not train.letters, methods.this_step),
    Floor("last step", lambda train: _of_class(train) and not train.letters, methods.last_step),
    Floor("all steps", lambda train: _of_class(train) and _narrow(train), methods.all_steps),
    Floor("mean", _of_values, methods.mean),
    Floor(
        "last value",
        lambda train: (
            _of_values(train)
            and not train.letters
            and train.inputs.shape[2] == train.answers.shape[1]
        ),
        methods.last_value,
    ),
    Floor("linear", lambda train: _of_values(train) and _narrow(train), methods.linear),
)
"""All methods, in the order of tables."""

WORD_FLOORS = {"bag of words": methods.bag_of_words, "TF-IDF": methods.tf_idf}
"""Methods for sequences of words."""
