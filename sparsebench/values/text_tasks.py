"""Tasks on texts that the package ships: the letters of a book, and passages of four authors.

References
----------
Mosteller, F., Wallace, D. L. (1963). Inference in an authorship problem.
Levy, O., Goldberg, Y. (2014). Neural word embedding as implicit matrix factorization.
"""

from __future__ import annotations

from dataclasses import dataclass

from sparsebench.values.checks import one_of, whole_number
from sparsebench.values.kinds import kind

ALICE = "\n !\"'()*,-.29:;?ABCDEFGHIJKLMNOPQRSTUVWXYZ[]_`abcdefghijklmnopqrstuvwxyz"
"""The letters of Alice's Adventures in Wonderland, in the order of their codes."""

ALICE_LENGTH = 148_480
"""Letters of the text."""

TRAIN, HELD_OUT = 133_632, 7_424
"""Letters of the training part, and of the validation and the test part: 90, 5 and 5 % of the text."""

AUTHORS = ("austen", "carroll", "milton", "shakespeare")
"""The classes of passages."""

PASSAGES = 1750
"""Passages of each author."""

WORDS = 12
"""Successive words of a passage."""

WORD_LETTERS = " 'abcdefghijklmnopqrstuvwxyz"
"""The letters of words and the space between them, in the order of their codes."""

READ = ("letters", "words", "vectors")
"""How a passage is read: letter by letter, or word by word, a word being a symbol or a vector."""

SYMBOLS = 256
"""Symbols of words: the most frequent words, each with one of its own, and one for all others."""

VECTORS, WIDTH = 1000, 32
"""Most frequent words that have a vector of their own, and the numbers of a vector."""


@kind("AliceLetters", seeds={})
@dataclass(frozen=True)
class AliceLetters:
    """Alice's Adventures in Wonderland, read in windows letter by letter: predict the next letter.

    The first 90 % of the text are for training, the last 5 % for testing. The 5 % between them are
    the validation part: a `Validation` of this task is judged by them.

    Attributes
    ----------
    window
        Steps of a sequence.
    train
        Letters to train on: the last ones of the training part.
    """

    window: int = 50
    train: int = TRAIN

    def __post_init__(self) -> None:
        whole_number("window", self.window, 2, HELD_OUT - 1)
        whole_number("train", self.train, self.window + 1, TRAIN)

    symbols = len(ALICE)
    classes = len(ALICE)


@kind("Passages", seeds={})
@dataclass(frozen=True)
class Passages:
    """Twelve successive words of Austen, Carroll, Milton or Shakespeare: who wrote them?

    Words are in lower case, without punctuation, headings and names of speakers.

    Attributes
    ----------
    read
        One of `READ`. Symbols and vectors belong to the most frequent words of the training
        passages; vectors are computed from the words beside each word in these, and stay fixed.
        What a network learns of a symbol is its embedding.
    train, test
        Passages to train and to test on; there are 1,750 of each author.
    seed
        Seed of the split.
    """

    read: str = "letters"
    train: int = 6000
    test: int = 1000
    seed: int = 0

    def __post_init__(self) -> None:
        one_of("read", self.read, READ)
        for name in ("train", "test"):
            whole_number(name, getattr(self, name), 1)
        whole_number("seed", self.seed, 0)
        if self.train + self.test > len(AUTHORS) * PASSAGES:
            raise ValueError(
                f"train is {self.train} and test is {self.test}: there are only "
                f"{len(AUTHORS) * PASSAGES} passages; give fewer"
            )

    classes = len(AUTHORS)

    @property
    def symbols(self) -> int:
        """Letters, or symbols of words; 0 if vectors are read."""
        return {"letters": len(WORD_LETTERS), "words": SYMBOLS, "vectors": 0}[self.read]

    @property
    def width(self) -> int:
        """Numbers of a vector; 0 if symbols are read."""
        return WIDTH if self.read == "vectors" else 0
