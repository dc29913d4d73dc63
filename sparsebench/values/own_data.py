"""The description of a task whose examples somebody has in a file."""

from __future__ import annotations

from dataclasses import dataclass, field

from sparsebench.values.checks import one_of, positive, whole_number
from sparsebench.values.kinds import kind

ASKS = ("class", "classes", "values", "forecast")
"""What own data ask for: a class at a sequence's end, a class after each step, numbers at the end,
or numbers some steps after the end of a window of one long table."""

MOST_SYMBOLS, MOST_CLASSES, MOST_REPEATS = 128, 100, 100
"""Limits: different letters, classes or numbers of an answer, and repetitions of an example."""


@kind("OwnData", seeds={})
@dataclass(frozen=True)
class OwnData:
    """Examples of a CSV or NumPy file, made by `sparsebench.own_data`.

    Attributes
    ----------
    name
        The name that a user gave; empty: none.
    asks
        One of `ASKS`.
    checksum
        16 hexadecimal digits of the SHA-256 of what was read, so that other content is another case.
    inputs, answers
        The columns, or arrays, that networks read and that are asked for.
    symbols, width, classes
        Different letters, or 0; numbers per step, or 0 if letters are read; classes, or numbers of
        an answer.
    window, ahead
        Rows of a window, and after how many more rows the answer stands; None unless a forecast is
        asked for.
    test_share
        The share of the sequences to test on; of a forecast, of the rows at the table's end.
    seed
        Seed of the split of sequences; None for a forecast, which is split by time.
    standardised
        Whether numbers are read and predicted in units of the training half: less its mean, divided
        by its standard deviation.
    repeats
        How often a training example of each class is shown in an epoch; empty: once.
    weights
        By how much the loss of each class is multiplied in training; None: by 1.
    group
        The column, or array, of what stays in one half, such as a speaker; None: nothing does.
    stem
        The file's name without its ending, shown if there is no name. It is not part of the
        identity and is not stored.
    """

    name: str
    asks: str
    checksum: str
    inputs: tuple[str, ...]
    answers: tuple[str, ...]
    symbols: int
    width: int
    classes: int
    window: int | None = None
    ahead: int | None = None
    test_share: float = 0.2
    seed: int | None = None
    standardised: bool = True
    repeats: tuple[int, ...] = ()
    weights: tuple[float, ...] | None = None
    group: str | None = None
    stem: str = field(default="", compare=False)

    def __post_init__(self) -> None:
        for name in ("inputs", "answers", "repeats"):
            object.__setattr__(self, name, tuple(getattr(self, name)))  # lists, from a file
        one_of("asks", self.asks, ASKS)
        whole_number("symbols", self.symbols, 0, MOST_SYMBOLS)
        whole_number("width", self.width, 0 if self.symbols else 1)
        whole_number("classes", self.classes, 2 if self.labelled else 1)
        positive("test_share", self.test_share)
        if self.test_share >= 1:
            raise ValueError(f"test_share is {self.test_share}: give a share below 1")
        if self.symbols and self.width:
            raise ValueError(f"width is {self.width}, but letters are read: give 0")
        if self.asks == "forecast":
            whole_number("window", self.window, 1)
            whole_number("ahead", self.ahead, 1)
            if self.symbols or self.seed is not None or self.group is not None:
                raise ValueError(
                    "a forecast reads numbers and is split by time: give no letters, no seed and no "
                    "group"
                )
        else:
            whole_number("seed", self.seed, 0)
            if self.window is not None or self.ahead is not None:
                raise ValueError("window and ahead are for forecasts: leave them out")
        if self.repeats and (self.asks != "class" or len(self.repeats) != self.classes):
            raise ValueError(
                f"repeats is {self.repeats!r}: give a number for each of {self.classes} classes of "
                "whole sequences, or none"
            )
        for each in self.repeats:
            whole_number("repeats", each, 1, MOST_REPEATS)
        if self.weights is None:
            return
        object.__setattr__(self, "weights", tuple(map(float, self.weights)))
        if not self.labelled or len(self.weights) != self.classes or self.repeats:
            raise ValueError(
                f"weights is {self.weights!r}: give a number for each of {self.classes} classes, and "
                "no repeats, or none"
            )
        for weight in self.weights:
            positive("weights", weight)

    @property
    def labelled(self) -> bool:
        """Whether classes are asked for; otherwise numbers are."""
        return self.asks in ("class", "classes")

    @property
    def called(self) -> str:
        """The shown name: the name that was given, else the file's, else a part of the checksum."""
        return self.name or self.stem or f"data-{self.checksum[:8]}"
