"""Protocol of an experiment besides its seeds: strings, network sizes, training."""

from __future__ import annotations

from dataclasses import dataclass

from sparsebench.values.checks import one_of, positive, whole_number
from sparsebench.values.kinds import kind
from sparsebench.values.layout import GATES, Block, Layout

TARGETS = ("i2h", "h2h", "both")
"""Recurrent weights to prune: input to hidden, hidden to hidden, or all of them."""

OTHER_TARGETS = ("readout", "embedding")
"""Weights besides the recurrent ones that can be pruned, by name: hidden to output, and the embedding
as its control."""

VARIANTS = ("rnn_tanh", "rnn_relu", "lstm", "gru")
"""The cell types of the thesis. `torch.nn` has a layer of each of them, and of no other."""

CELL_TYPES = tuple(GATES)
"""All cell types that the engines train: the thesis's, then the minimal gated unit, `mgu`."""

INITIALISATIONS = ("uniform", "identity", "orthogonal", "he", "xavier")
"""Distributions of initial recurrent weights (`sparsebench.parts.initialisations`); the thesis's is
first."""

OPTIMISERS = ("adam", "nesterov", "adagrad", "rmsprop")
"""Optimisers; `nesterov` is stochastic gradient descent with Nesterov momentum of 0.9."""


NEGATIVES = ("altered", "author_like")
"""Ways of making invalid strings: `altered` by `sparsebench.parts.reber`, `author_like` by
`sparsebench.parts.author_like`."""


def check_torch_has(variant: str) -> None:
    """Refuse a cell type of which `torch.nn` has no layer.

    Raises
    ------
    ValueError
        If it has none; the message lists the cell types of which it has one.
    """
    if variant in CELL_TYPES and variant not in VARIANTS:
        raise ValueError(
            f"variant is {variant!r}, and torch.nn has no such layer: choose one of "
            f"{', '.join(VARIANTS)}"
        )
    one_of("variant", variant, VARIANTS)


@kind("ReberStrings", seeds={})
@dataclass(frozen=True)
class ReberStrings:
    """The Reber strings of a dataset: numbers of each class in each half, and the seed.

    The defaults are the thesis's (table 4.2): 25,000 strings, half of them valid, 75 % to train on.

    Attributes
    ----------
    train_valid, train_invalid
        Grammatical and ungrammatical strings to train on.
    test_valid, test_invalid
        Grammatical and ungrammatical strings to test on.
    seed
        Seed of the strings.
    negatives
        How invalid strings are made, one of `NEGATIVES`; None: `altered`, and so it is stored. The
        valid strings are the same.

    Raises
    ------
    TypeError, ValueError
        If a number is not a whole number in bounds, or `negatives` is unknown.
    """

    train_valid: int = 9339
    train_invalid: int = 9411
    test_valid: int = 3161
    test_invalid: int = 3089
    seed: int = 0
    negatives: str | None = None

    def __post_init__(self) -> None:
        for name in ("train_valid", "train_invalid", "test_valid", "test_invalid"):
            whole_number(name, getattr(self, name), 1)
        whole_number("seed", self.seed, 0)
        if self.negatives is not None:
            one_of("negatives", self.negatives, NEGATIVES)
        if self.negatives == NEGATIVES[0]:
            object.__setattr__(self, "negatives", None)  # both are one case

    symbols = 128
    classes = 2

    @property
    def valid(self) -> int:
        """The number of grammatical strings in both halves."""
        return self.train_valid + self.test_valid

    @property
    def invalid(self) -> int:
        """The number of ungrammatical strings in both halves."""
        return self.train_invalid + self.test_invalid


@kind("StringFiles", seeds={})
@dataclass(frozen=True)
class StringFiles:
    """Labelled strings of two files, made by `sparsebench.parts.string_files`.

    Attributes
    ----------
    train, test
        Checksums of the strings and labels to train and to test on, so that a case depends on the
        content of the files and not on their location.
    """

    train: str
    test: str

    symbols = 128
    classes = 2


@kind("Architecture")
@dataclass(frozen=True)
class Architecture:
    """A stacked recurrent classifier (thesis, section 5.1).

    It has an embedding (symbols, hidden_size), `layers` recurrent layers of `hidden_size` units,
    and a linear readout (classes, hidden_size).

    Attributes
    ----------
    variant
        The cell type, one of `CELL_TYPES`.
    layers, hidden_size
        Recurrent layers, and units in each.
    symbols, classes
        Rows of the embedding and of the readout.

    Raises
    ------
    TypeError, ValueError
        If the variant is unknown, or a number is not a positive whole number.
    """

    variant: str
    layers: int = 3
    hidden_size: int = 50
    symbols: int = 128
    classes: int = 2

    def __post_init__(self) -> None:
        one_of("variant", self.variant, CELL_TYPES)
        for name in ("layers", "hidden_size", "symbols", "classes"):
            whole_number(name, getattr(self, name), 1)

    @property
    def layout(self) -> Layout:
        """The layout of the network: one block per layer."""
        return Layout(
            self.variant,
            sizes=(self.hidden_size,) * self.layers,
            blocks=tuple(Block(layer - 1, layer) for layer in range(self.layers)),
            width=self.hidden_size,
            symbols=self.symbols,
            classes=self.classes,
        )


@kind("Training")
@dataclass(frozen=True)
class Training:
    """The training protocol (thesis, table 5.1): Adam on the cross entropy, gradients clipped.

    Attributes
    ----------
    epochs, batch_size
        By default as in the thesis.
    clip_norm
        Largest norm of all gradients of a network together. Table 5.1 names none; this is the value
        in the author's programs.
    learning_rate
        For all steps, or for the first epoch if there is a `final_rate`.
    final_rate
        For the last epoch; from epoch to epoch, the rate changes by a constant factor. None: the
        learning rate is constant.
    optimiser
        One of `OPTIMISERS`; None: Adam.
    until
        Epochs after which training stops early, so that a network can be rewound to this state.
        None: training continues to the last epoch.

    Raises
    ------
    TypeError, ValueError
        If a value is out of bounds, or the optimiser is unknown.
    """

    epochs: int = 50
    batch_size: int = 32
    learning_rate: float = 0.001
    clip_norm: float = 5.0
    final_rate: float | None = None
    optimiser: str | None = None
    until: int | None = None

    def __post_init__(self) -> None:
        whole_number("epochs", self.epochs, 0)
        whole_number("batch_size", self.batch_size, 1)
        for name in ("learning_rate", "clip_norm", "final_rate"):
            given = getattr(self, name)
            if given is not None or name != "final_rate":
                positive(name, given)
                object.__setattr__(self, name, float(given))  # 5 and 5.0 are one case
        if self.optimiser is not None:
            one_of("optimiser", self.optimiser, OPTIMISERS)
        if self.until is not None:
            whole_number("until", self.until, 0, self.epochs)

    @property
    def length(self) -> int:
        """The number of epochs that are trained."""
        return self.epochs if self.until is None else self.until

    def rate(self, epoch: int) -> float:
        """The learning rate of an epoch, counted from 0."""
        if self.final_rate is None or self.epochs < 2:
            return self.learning_rate
        change = self.final_rate / self.learning_rate
        return float(self.learning_rate * change ** (epoch / (self.epochs - 1)))
