"""What an experiment is made of besides its seeds: the strings, the network's shape, the training."""

from __future__ import annotations

from dataclasses import dataclass

from sparsebench.values.checks import one_of, positive, whole_number
from sparsebench.values.kinds import kind
from sparsebench.values.layout import Block, Layout

TARGETS = ("i2h", "h2h", "both")
"""Which recurrent weights are pruned: from input to hidden, from hidden to hidden, all of them."""

VARIANTS = ("rnn_tanh", "rnn_relu", "lstm", "gru")

INITIALISATIONS = ("uniform", "identity", "orthogonal", "he", "xavier")
"""How recurrent weights are drawn (`sparsebench.parts.initialisations`); the first is the
thesis's."""

OPTIMISERS = ("adam", "nesterov", "adagrad", "rmsprop")
"""What takes the steps; `nesterov` is stochastic gradient descent with Nesterov momentum of 0.9."""


@kind("ReberStrings", seeds={})
@dataclass(frozen=True)
class ReberStrings:
    """The data: how many Reber strings of each class lie in each half, and their seed.

    The defaults are the thesis's (table 4.2): 25,000 strings, half of them valid, 75 % to train on.
    """

    train_valid: int = 9339
    train_invalid: int = 9411
    test_valid: int = 3161
    test_invalid: int = 3089
    seed: int = 0

    def __post_init__(self) -> None:
        for name in ("train_valid", "train_invalid", "test_valid", "test_invalid"):
            whole_number(name, getattr(self, name), 1)
        whole_number("seed", self.seed, 0)

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


@kind("Architecture")
@dataclass(frozen=True)
class Architecture:
    """A stacked recurrent classifier (thesis, section 5.1).

    Embedding (symbols, hidden_size), `layers` recurrent layers of `hidden_size`, linear readout of
    (classes, hidden_size).
    """

    variant: str
    layers: int = 3
    hidden_size: int = 50
    symbols: int = 128
    classes: int = 2

    def __post_init__(self) -> None:
        one_of("variant", self.variant, VARIANTS)
        for name in ("layers", "hidden_size", "symbols", "classes"):
            whole_number(name, getattr(self, name), 1)

    @property
    def layout(self) -> Layout:
        """The network as blocks: one in each layer."""
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
        As the thesis has them, unless said otherwise.
    clip_norm
        Of all gradients of a network together. Table 5.1 has none: it is that of the author's programs.
    learning_rate
        Of all steps, or of those of the first epoch.
    final_rate
        Of the steps of the last epoch; in between, it changes by the same factor from epoch to epoch.
        None: the learning rate stays.
    optimiser
        One of `OPTIMISERS`; None: Adam.
    until
        After how many of the epochs training stops: a network's state at that epoch, to be rewound to.
        None: it goes on to the last.
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
        """Epochs that are trained."""
        return self.epochs if self.until is None else self.until

    def rate(self, epoch: int) -> float:
        """The learning rate of an epoch, counted from 0."""
        if self.final_rate is None or self.epochs < 2:
            return self.learning_rate
        change = self.final_rate / self.learning_rate
        return float(self.learning_rate * change ** (epoch / (self.epochs - 1)))
