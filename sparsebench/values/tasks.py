"""Tasks: what networks are asked to learn, as frozen descriptions of the data.

What recurrent networks can store in their parameters and in their units is asked as in Collins,
Sohl-Dickstein and Sussillo (2016), "Capacity and trainability in recurrent neural networks", and in the
report that follows it; what neither says is settled here, as defaults.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from sparsebench.values.checks import one_of, positive, whole_number
from sparsebench.values.kinds import kind

VALID_LETTERS = "BTPSXVE"
"""The letters of Reber's grammar, and of the embedded one."""

GRAMMARS = ("reber", "embedded_reber")

WIDEST = 63
"""Entries of a binary vector: it is drawn as a number of 64 bits."""


class Task(Protocol):
    """What networks are trained on: a frozen dataclass with a kind, whose class is registered.

    One whose networks read vectors has their `width` too. What makes its examples is in the registry,
    `sparsebench.parts.tasks`.
    """

    @property
    def symbols(self) -> int:
        """Letters that are read; 0 where vectors are."""

    @property
    def classes(self) -> int:
        """Numbers that a network says at a step: one for each class, or the numbers asked for."""

    def __hash__(self) -> int:
        """Equal descriptions are one task."""


@kind("RandomLabels", seeds={})
@dataclass(frozen=True)
class RandomLabels:
    """Binary vectors and a binary label for each, both drawn by chance: they can only be stored.

    Attributes
    ----------
    samples
        How many; no vector comes twice.
    width
        Entries of a vector, each -1 or 1; at most `WIDEST`.
    steps
        How often a network sees a vector before it is asked for the label.
    seed
        Of what is drawn.
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
    """A vector that is shown once, and has to be said again some steps later.

    Attributes
    ----------
    width
        Entries of the vector, uniform from -1 to 1: their mean square is 1/3.
    delay
        Steps between showing and asking, in which nothing is shown.
    train, test
        How many vectors of each half.
    seed
        Of what is drawn.
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
        """Numbers asked for: all that were shown."""
        return self.width


@kind("RandomFunction", seeds={})
@dataclass(frozen=True)
class RandomFunction:
    """A function of many variables that is known at so many points, where its value is drawn by chance.

    A point is a sequence of standard normal numbers, one a step; its value is another.

    Attributes
    ----------
    steps
        Variables.
    samples
        Points; they are drawn anew whenever they are needed and never held together.
    judged
        At how many of these points, the first ones, the error is measured.
    seed
        Of what is drawn.
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
    """Grammatical strings, read letter by letter: which one comes next?

    Attributes
    ----------
    grammar
        One of `GRAMMARS`: Reber's, or Reber's embedded in another, whose second letter comes back as
        the last but one.
    train, test
        How many strings of each half; none comes twice.
    seed
        Of what is drawn.
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
    """A text, read in windows letter by letter: which one comes next?

    Attributes
    ----------
    text
        Its name: of a text that comes with the package, or one that a user gave; empty: none.
    alphabet
        Its letters, in the order of their codes; whatever else it holds is read as the first.
    checksum
        16 hexadecimal digits of the text's SHA-256, so that another text is another case.
    window
        Steps of a sequence.
    test_share
        The share of the text, its end, that networks are judged by.
    stem
        What the file is called, without its ending: for people to read where there is no name. It is
        no part of the identity, and not written down.
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
        _check_share(self.test_share)

    @property
    def called(self) -> str:
        """What people call it by: its name, else that of its file, else by its content."""
        return self.text or self.stem or f"text-{self.checksum[:8]}"

    @property
    def symbols(self) -> int:
        """Letters that are read."""
        return len(self.alphabet)

    @property
    def classes(self) -> int:
        """Letters that are said."""
        return len(self.alphabet)


@kind("LabelledText", seeds={})
@dataclass(frozen=True)
class LabelledText:
    """Texts of two or more kinds, read letter by letter: of which kind is each?

    Attributes
    ----------
    corpus
        Its name: of one that comes with the package, or one that a user gave; empty: none.
    alphabet
        Its letters, in the order of their codes; whatever else it holds is read as the first.
    labels
        The kinds, in the order of their numbers.
    checksum
        16 hexadecimal digits of the corpus's SHA-256, so that another corpus is another case.
    longest
        Letters that are read of each text.
    test_share
        The share of the texts that networks are judged by, where the corpus does not say which.
    seed
        Of which these are.
    stem
        What the folder or file is called, as of `TextLetters`.
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
        object.__setattr__(self, "labels", tuple(self.labels))  # a file's list is a tuple here
        _check_alphabet(self.alphabet)
        if len(set(self.labels)) != len(self.labels) or len(self.labels) < 2:
            raise ValueError(f"labels {self.labels!r}: give two or more, none of them twice")
        whole_number("longest", self.longest, 1)
        whole_number("seed", self.seed, 0)
        _check_share(self.test_share)

    @property
    def called(self) -> str:
        """What people call it by, as of `TextLetters`."""
        return self.corpus or self.stem or f"texts-{self.checksum[:8]}"

    @property
    def symbols(self) -> int:
        """Letters that are read."""
        return len(self.alphabet)

    @property
    def classes(self) -> int:
        """Kinds of texts."""
        return len(self.labels)


def _check_alphabet(alphabet: str) -> None:
    if len(set(alphabet)) != len(alphabet) or not 2 <= len(alphabet) <= 128:
        raise ValueError(f"alphabet {alphabet!r}: give 2 to 128 letters, none of them twice")


def _check_share(test_share: float) -> None:
    positive("test_share", test_share)
    if test_share >= 1:
        raise ValueError(f"test_share is {test_share}: give a share below 1")
