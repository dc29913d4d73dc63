"""Tasks: frozen descriptions of the data that networks learn.

The tasks on the capacity of parameters and units follow Collins, Sohl-Dickstein and Sussillo
(2016), "Capacity and trainability in recurrent neural networks", and the report that builds on it;
what neither of them specifies is decided here, by defaults.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from sparsebench.values.checks import one_of, positive, whole_number
from sparsebench.values.kinds import kind

VALID_LETTERS = "BTPSXVE"
"""The letters of Reber's grammar, and of the embedded grammar."""

GRAMMARS = ("reber", "embedded_reber")

WIDEST = 63
"""Most entries of a binary vector, because it is drawn as a 64-bit number."""


class Task(Protocol):
    """The interface of a task: a frozen dataclass with a kind, whose class is registered.

    A task whose networks read vectors also has their `width`. The registry
    `sparsebench.parts.tasks` holds the functions that make the examples.
    """

    @property
    def symbols(self) -> int:
        """Number of input symbols; 0 if networks read vectors."""

    @property
    def classes(self) -> int:
        """Number of outputs per step: one for each class, or the numbers to predict."""

    def __hash__(self) -> int:
        """Equal descriptions are the same task."""


@kind("RandomLabels", seeds={})
@dataclass(frozen=True)
class RandomLabels:
    """Random binary vectors with random binary labels, which can only be memorised.

    Attributes
    ----------
    samples
        Number of vectors; all are different.
    width
        Entries of a vector, each -1 or 1; at most `WIDEST`.
    steps
        Steps at which the network reads the vector before the label is asked for.
    seed
        Seed of vectors and labels.
    """

    samples: int
    width: int = 20
    steps: int = 5
    seed: int = 0

    def __post_init__(self) -> None:
        for name in ("samples", "steps"):
            whole_number(name, getattr(self, name), 1)
        whole_number("width", self.width, 1, WIDEST)
        whole_number("seed", self.seed, 0)
        if self.samples > 2**self.width:
            raise ValueError(
                f"{self.samples} samples of width {self.width}: there are only {2**self.width} "
                "different ones; give fewer, or a larger width"
            )

    symbols = 0
    classes = 2


@kind("Recall", seeds={})
@dataclass(frozen=True)
class Recall:
    """A vector that is shown once and must be reproduced some steps later.

    Attributes
    ----------
    width
        Entries of the vector, uniform from -1 to 1: their mean square is 1/3.
    delay
        Steps without input between showing and asking.
    train, test
        Vectors to train and to test on.
    seed
        Seed of the vectors.
    """

    width: int = 64
    delay: int = 4
    train: int = 8192
    test: int = 2048
    seed: int = 0

    def __post_init__(self) -> None:
        for name in ("width", "train", "test"):
            whole_number(name, getattr(self, name), 1)
        for name in ("delay", "seed"):
            whole_number(name, getattr(self, name), 0)

    symbols = 0

    @property
    def classes(self) -> int:
        """Numbers to predict: all entries of the vector."""
        return self.width


@kind("RandomFunction", seeds={})
@dataclass(frozen=True)
class RandomFunction:
    """A function of many variables with a random value at each of its given points.

    A point is a sequence of standard normal numbers, one per step; its value is another such
    number.

    Attributes
    ----------
    steps
        Number of variables.
    samples
        Number of points; they are drawn when needed and never held in memory together.
    judged
        Number of points, the first ones, at which the error is measured.
    seed
        Seed of points and values.
    """

    steps: int = 50
    samples: int = 1_000_000
    judged: int = 16_384
    seed: int = 0

    def __post_init__(self) -> None:
        for name in ("steps", "samples"):
            whole_number(name, getattr(self, name), 1)
        whole_number("judged", self.judged, 1, self.samples)
        whole_number("seed", self.seed, 0)

    symbols = 0
    classes = 1
    width = 1


@kind("NextLetters", seeds={})
@dataclass(frozen=True)
class NextLetters:
    """Grammatical strings, read letter by letter: predict the next letter.

    Attributes
    ----------
    grammar
        One of `GRAMMARS`: Reber's grammar, or Reber's embedded in another one, in which the last
        letter but one repeats the second.
    train, test
        Strings to train and to test on; all are different.
    seed
        Seed of the strings.
    """

    grammar: str = "reber"
    train: int = 4096
    test: int = 1024
    seed: int = 0

    def __post_init__(self) -> None:
        one_of("grammar", self.grammar, GRAMMARS)
        for name in ("train", "test"):
            whole_number(name, getattr(self, name), 1)
        whole_number("seed", self.seed, 0)

    symbols = len(VALID_LETTERS)
    classes = len(VALID_LETTERS)


@kind("TextLetters", seeds={})
@dataclass(frozen=True)
class TextLetters:
    """A text, read in windows letter by letter: predict the next letter.

    Attributes
    ----------
    text
        The name of a text of the package, or the name that a user gave; empty: no name.
    alphabet
        The letters, in the order of their codes; any other letter of the text is read as the first.
    checksum
        16 hexadecimal digits of the text's SHA-256, so that another text is another case.
    window
        Steps of a sequence.
    test_share
        The share of the text, at its end, to test on.
    stem
        The file's name without its ending, shown if there is no name. It is not part of the
        identity and is not stored.
    """

    text: str
    alphabet: str
    checksum: str
    window: int = 50
    test_share: float = 0.1
    stem: str = field(default="", compare=False)

    def __post_init__(self) -> None:
        _check_alphabet(self.alphabet)
        whole_number("window", self.window, 2)
        _check_share("test_share", self.test_share)

    @property
    def called(self) -> str:
        """The shown name: the text's name, else its file's, else a part of its checksum."""
        return self.text or self.stem or f"text-{self.checksum[:8]}"

    @property
    def symbols(self) -> int:
        """Letters that networks read."""
        return len(self.alphabet)

    @property
    def classes(self) -> int:
        """Letters that networks predict."""
        return len(self.alphabet)


@kind("LabelledText", seeds={})
@dataclass(frozen=True)
class LabelledText:
    """Texts of two or more classes, read letter by letter: classify each text.

    Attributes
    ----------
    corpus
        The name of a corpus of the package, or the name that a user gave; empty: no name.
    alphabet
        The letters, in the order of their codes; any other letter is read as the first.
    labels
        The classes, in the order of their numbers.
    checksum
        16 hexadecimal digits of the corpus's SHA-256, so that another corpus is another case.
    longest
        Letters that are read of each text.
    test_share
        The share of the texts to test on, if the corpus has no test set of its own.
    seed
        Seed of the split into training and test texts.
    stem
        The name of the folder or file, as in `TextLetters`.
    """

    corpus: str
    alphabet: str
    labels: tuple[str, ...]
    checksum: str
    longest: int = 100
    test_share: float = 0.25
    seed: int = 0
    stem: str = field(default="", compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "labels", tuple(self.labels))  # a list, if it comes from a file
        _check_alphabet(self.alphabet)
        if len(set(self.labels)) != len(self.labels) or len(self.labels) < 2:
            raise ValueError(f"labels {self.labels!r}: give two or more, none of them twice")
        whole_number("longest", self.longest, 1)
        whole_number("seed", self.seed, 0)
        _check_share("test_share", self.test_share)

    @property
    def called(self) -> str:
        """The shown name, as in `TextLetters`."""
        return self.corpus or self.stem or f"texts-{self.checksum[:8]}"

    @property
    def symbols(self) -> int:
        """Letters that networks read."""
        return len(self.alphabet)

    @property
    def classes(self) -> int:
        """Classes of texts."""
        return len(self.labels)


@kind("Validation", seeds={})
@dataclass(frozen=True)
class Validation:
    """A task whose training examples are split: a part is held out, to choose by.

    Epochs, learning rates or densities that are chosen by the test examples make what is tested on
    them look better than it is. Networks on this task never see the test examples of the other one:
    they are judged by the held-out part.

    Attributes
    ----------
    task
        The task that is split; it keeps its training examples in memory.
    share
        The share of its training examples to hold out.
    seed
        Seed of the split.
    """

    task: Task
    share: float = 0.1
    seed: int = 0

    def __post_init__(self) -> None:
        _check_share("share", self.share)
        whole_number("seed", self.seed, 0)

    @property
    def symbols(self) -> int:
        """Input symbols of the task; 0 if networks read vectors."""
        return self.task.symbols

    @property
    def width(self) -> int:
        """Entries of the vectors that the task shows; 0 if it shows symbols."""
        return getattr(self.task, "width", 0)

    @property
    def classes(self) -> int:
        """Outputs per step of the task."""
        return self.task.classes


def _check_alphabet(alphabet: str) -> None:
    if len(set(alphabet)) != len(alphabet) or not 2 <= len(alphabet) <= 128:
        raise ValueError(f"alphabet {alphabet!r}: give 2 to 128 letters, none of them twice")


def _check_share(name: str, share: float) -> None:
    positive(name, share)
    if share >= 1:
        raise ValueError(f"{name} is {share}: give a share below 1")
