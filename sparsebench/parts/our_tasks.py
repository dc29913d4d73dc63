"""Our tasks: for each, the function that makes its examples, and how results are shown."""

from __future__ import annotations

import numpy as np

from sparsebench.parts import (
    alice,
    japanese_vowels,
    labelled_texts,
    letters,
    mackey_glass,
    mnist1d,
    own_data,
    passages,
    random_tasks,
    sequence_tasks,
    string_files,
    strings,
    texts,
    validation,
)
from sparsebench.parts.elementary import LN2
from sparsebench.parts.embedded_reber import ENVELOPE
from sparsebench.parts.labelled_texts import Corpus
from sparsebench.parts.task_kind import Answered, TaskFigure, TaskKind
from sparsebench.values.own_data import OwnData
from sparsebench.values.protocol import ReberStrings, StringFiles
from sparsebench.values.sequence_tasks import (
    REMEMBERED,
    AddingProblem,
    CopyTask,
    JapaneseVowels,
    MackeyGlass,
    Mnist1D,
    SequentialDigits,
)
from sparsebench.values.tasks import (
    VALID_LETTERS,
    LabelledText,
    NextLetters,
    RandomFunction,
    RandomLabels,
    Recall,
    TextLetters,
    Validation,
)
from sparsebench.values.text_tasks import AliceLetters, Passages

_LETTERS = TaskFigure(
    name="letters",
    metric="bits_per_letter",
    caption="Bits per letter that comes next, by units or vertices",
)


_DIGITS = TaskFigure(
    name="digits",
    metric="accuracy",
    caption="Accuracy in % on digits read step by step, by units or vertices",
    scale=100,
    form=".1f",
)


def _bits_stored(task: RandomLabels, answered: Answered) -> dict[str, float]:
    return {"bits": random_tasks.stored_bits(task.samples, answered.metrics["accuracy"])}


def _bits_per_letter(
    task: NextLetters | TextLetters | AliceLetters, answered: Answered
) -> dict[str, float]:
    return {"bits_per_letter": answered.metrics["loss"] / LN2}


def _of_strings(task: NextLetters, answered: Answered) -> dict[str, float]:
    found = _bits_per_letter(task, answered)
    if task.grammar == "embedded_reber":
        found["remembered"] = _remembered(answered)
    return found


def _remembered(answered: Answered) -> float:
    """How often the letter that comes again is predicted to be more likely than its rival, 0-1."""
    test = answered.test
    rows, last = np.arange(len(test)), test.lengths - 2
    one, other = (VALID_LETTERS.index(letter) for letter in ENVELOPE)
    said = answered.said[rows, last]
    right = np.where(test.answers[rows, last] == one, 1, -1)
    return float(((said[:, one] - said[:, other]) * right > 0).mean())


def _of_file(task: TextLetters | LabelledText | OwnData) -> str:
    """A user's text in ids: its name, or its file's name."""
    path = task.called  # the whole path, in files of older versions
    stem = path.rstrip("/").rpartition("/")[2].partition(".")[0].lower()
    return "".join(letter if letter.isalnum() else "-" for letter in stem) or "text"


def _of_points(task: RandomFunction) -> str:
    """The report's function, or one of so many points."""
    usual = task.samples == RandomFunction.samples
    return "function" if usual else f"function-{task.samples}"


def _over_all_steps(task: CopyTask, answered: Answered) -> dict[str, float]:
    """The cross entropy as published: over all steps, of which the blank ones count as right."""
    return {"loss_over_all_steps": answered.metrics["loss"] * REMEMBERED / task.steps}


def _text_of(task: TextLetters) -> str | None:
    return None if task.text in texts.TEXTS else texts.content_of(task)


def _corpus_of(task: LabelledText) -> Corpus | None:
    return None if task.corpus in labelled_texts.CORPORA else labelled_texts.content_of(task)


OURS = (
    TaskKind(
        task=ReberStrings,
        make=strings.generate,
        title="reber strings",
        name=lambda task: "reber_classes" + (f"_{task.negatives}" if task.negatives else ""),
        figures=(),
    ),
    TaskKind(
        task=StringFiles,
        make=string_files.examples_of,
        title="strings of files",
        name=lambda task: f"strings-{task.train[:8]}",
        figures=(),
        content=string_files.examples_of,
        give=string_files.give_examples,
    ),
    TaskKind(
        task=RandomLabels,
        make=random_tasks.random_labels,
        title="random labels",
        name=lambda task: "labels",
        metrics=_bits_stored,
        figures=(),
    ),
    TaskKind(
        task=Recall,
        make=random_tasks.recall,
        title="recall",
        name=lambda task: "recall",
        figures=(
            TaskFigure(
                name="recall",
                metric="loss",
                caption="What is lost of 64 numbers shown once, in % of their mean square, by units or "
                "vertices",
                scale=300,
                form=".1f",
            ),
        ),
    ),
    TaskKind(
        task=NextLetters,
        make=letters.next_letters,
        title="next letters",
        name=lambda task: task.grammar,
        metrics=_of_strings,
        figures=(
            _LETTERS,
            TaskFigure(
                name="remembered",
                metric="remembered",
                caption="% of embedded strings whose second letter is known at their end, by units or "
                "vertices",
                scale=100,
                form=".1f",
            ),
        ),
    ),
    TaskKind(
        task=TextLetters,
        make=letters.text_letters,
        title="text letters",
        name=_of_file,
        metrics=_bits_per_letter,
        figures=(_LETTERS,),
        content=_text_of,
        give=texts.give_text,
    ),
    TaskKind(
        task=RandomFunction,
        make=random_tasks.Points,
        title="random function",
        name=_of_points,
        figures=(
            TaskFigure(
                name="functions",
                metric="loss",
                caption="Squared error of a random function of variance 1, by units or vertices",
            ),
        ),
        size=lambda task: task.samples / 1_000_000,
    ),
    TaskKind(
        task=LabelledText,
        make=labelled_texts.labelled_text,
        title="labelled text",
        name=_of_file,
        figures=(
            TaskFigure(
                name="labelled",
                metric="accuracy",
                caption="Accuracy in % on labelled texts, by units or vertices",
                scale=100,
                form=".1f",
            ),
        ),
        content=_corpus_of,
        give=labelled_texts.give_corpus,
    ),
    TaskKind(
        task=AddingProblem,
        make=sequence_tasks.adding,
        title="adding problem",
        name=lambda task: f"adding-{task.steps}",
        figures=(
            TaskFigure(
                name="adding",
                metric="loss",
                caption="Squared error of the sum of two marked numbers (always 1: 0.1667), by units "
                "or vertices",
                form=".4f",
            ),
        ),
        size=lambda task: task.steps * task.train / (200 * 20_000),
    ),
    TaskKind(
        task=CopyTask,
        make=sequence_tasks.copying,
        title="copy task",
        name=lambda task: f"copy-{task.delay}",
        metrics=_over_all_steps,
        figures=(
            TaskFigure(
                name="copied",
                metric="letters_right",
                caption="% of symbols copied rightly (by chance: 12.5), by units or vertices",
                scale=100,
                form=".1f",
            ),
            TaskFigure(
                name="copy-loss",
                metric="loss",
                caption="Cross entropy of each copied symbol in nats (without memory: 2.079), by units "
                "or vertices",
            ),
        ),
        size=lambda task: task.steps * task.train / (120 * 10_000),
    ),
    TaskKind(
        task=SequentialDigits,
        make=sequence_tasks.digits,
        title="sequential digits",
        name=lambda task: f"digits-{task.order}",
        figures=(_DIGITS,),
        size=lambda task: task.steps * task.train / (8 * 1437),
    ),
    TaskKind(
        task=Mnist1D,
        make=mnist1d.mnist1d,
        title="MNIST-1D",
        name=lambda task: "mnist-1d",
        figures=(_DIGITS,),
        size=lambda task: task.train / 4_000,
    ),
    TaskKind(
        task=MackeyGlass,
        make=mackey_glass.mackey_glass,
        title="Mackey-Glass series",
        name=lambda task: f"mackey-glass-{task.tau}",
        metrics=mackey_glass.forecast_errors,
        held_out=mackey_glass.held_out,
        figures=(
            TaskFigure(
                name="forecast",
                metric="smape",
                caption="Symmetric error in % of a forecast of all test points that feeds on itself, "
                "by units or vertices",
                form=".2f",
            ),
            TaskFigure(
                name="next-point",
                metric="smape_next",
                caption="Symmetric error in % of the next point, by units or vertices",
            ),
        ),
        size=lambda task: task.window * (task.train - task.window) / (50 * 700),
    ),
    TaskKind(
        task=AliceLetters,
        make=alice.alice_letters,
        title="letters of Alice",
        name=lambda task: "alice-letters",
        metrics=_bits_per_letter,
        figures=(_LETTERS,),
        size=lambda task: task.train / 133_632,
        held_out=alice.held_out,
    ),
    TaskKind(
        task=Passages,
        make=passages.passages,
        title="passages of four authors",
        name=lambda task: f"passages-{task.read}",
        figures=(
            TaskFigure(
                name="passages",
                metric="accuracy",
                caption="Accuracy in % on passages of twelve words by four authors, by units or "
                "vertices",
                scale=100,
                form=".1f",
            ),
        ),
        size=lambda task: task.train / 6000 * (5 if task.read == "letters" else 1),
        held_out=passages.held_out,
        words=passages.words,
    ),
    TaskKind(
        task=JapaneseVowels,
        make=japanese_vowels.japanese_vowels,
        title="Japanese vowels",
        name=lambda task: "japanese-vowels",
        figures=(
            TaskFigure(
                name="vowels",
                metric="accuracy",
                caption="Accuracy in % on Japanese vowels, nine speakers, by units or vertices",
                scale=100,
                form=".1f",
            ),
        ),
        needs=japanese_vowels.PACKAGE,
    ),
    TaskKind(
        task=OwnData,
        make=own_data.own_examples,
        title="own data",
        name=_of_file,
        metrics=own_data.own_figures,
        figures=(
            TaskFigure(
                name="own-accuracy",
                metric="accuracy",
                caption="Accuracy in % on own data, by units or vertices",
                scale=100,
                form=".1f",
            ),
            TaskFigure(
                name="own-steps",
                metric="letters_right",
                caption="Steps in % whose class is right, on own data, by units or vertices",
                scale=100,
                form=".1f",
            ),
            TaskFigure(
                name="own-loss",
                metric="loss",
                caption="Loss on own data (cross entropy in nats, or squared error in units of the "
                "training half), by units or vertices",
                form=".4f",
            ),
            TaskFigure(
                name="own-rmse",
                metric="rmse",
                caption="Root mean squared error on own data, in the unit of the answer, by units or "
                "vertices",
                form=".4g",
            ),
        ),
        content=own_data.content_of,
        give=own_data.give_content,
        held_out=own_data.held_out,
        repeated=own_data.repeated,
    ),
    TaskKind(
        task=Validation,
        make=validation.held_out,
        title="validation",
        name=validation.name,
        metrics=validation.metrics,
        size=validation.size,
        words=validation.words,
        repeated=validation.repeated,
        content=validation.content_of,
        give=validation.give,
    ),
)
"""In the order in which tables show them."""
