"""Recognised sequence tasks: adding, copying, digits by steps, MNIST-1D, the Mackey-Glass series,
Japanese vowels.

References
----------
Hochreiter, S., Schmidhuber, J. (1997). Long short-term memory.
Le, Q., Jaitly, N., Hinton, G. (2015). A simple way to initialize recurrent networks of rectified
linear units. arXiv:1504.00941.
Arjovsky, M., Shah, A., Bengio, Y. (2016). Unitary evolution recurrent neural networks.
arXiv:1511.06464.
Greydanus, S., Kobak, D. (2024). Scaling down deep learning with MNIST-1D. arXiv:2011.14439.
Kudo, M., Toyama, J., Shimbo, M. (1999). Multidimensional curve classification using passing-through
regions. Pattern Recognition Letters 20.
Yik, J. et al. (2025). The NeuroBench framework. arXiv:2304.04640.
"""

from __future__ import annotations

from dataclasses import dataclass

from sparsebench.values.checks import one_of, whole_number
from sparsebench.values.kinds import kind

SYMBOLS = 8
"""Different symbols of the copy task; a blank and a delimiter come with them."""

REMEMBERED = 10
"""Symbols to remember in the copy task."""

DIGITS = 1797
"""Images of scikit-learn's digits."""

SIDE = 8
"""Pixels of an image's side."""

ORDERS = ("rows", "pixels", "permuted")
"""How an image is read: a row at a step, a pixel at a step, or pixels in one drawn order."""

LYAPUNOV_POINTS = 75
"""Points of the Mackey-Glass series in one Lyapunov time."""

SERIES = {
    17: (197, 0.7206597),
    18: (138, 0.7744313),
    19: (315, 0.7783468),
    20: (131, 0.9225991),
    21: (191, 0.9479431),
    22: (119, 0.5455960),
    23: (106, 0.8622247),
    24: (97, 0.3259660),
    25: (98, 0.8297825),
    26: (104, 1.0033490),
    27: (112, 0.6491406),
    28: (119, 1.0957495),
    29: (131, 0.9256179),
    30: (139, 0.2713639),
}
"""NeuroBench's series: delay -> Lyapunov time, and the value at all times before 0."""


@kind("AddingProblem", seeds={})
@dataclass(frozen=True)
class AddingProblem:
    """Two numbers a step, a value and a marker: the sum of the two marked values.

    Values are uniform from 0 to 1. One marker is in the first half of a sequence, one in the second.
    Whoever always answers 1 has a squared error of 1/6.

    Attributes
    ----------
    steps
        Length of a sequence.
    train, test
        Sequences to train and to test on.
    seed
        Seed of values and markers.
    """

    steps: int = 200
    train: int = 20_000
    test: int = 2_000
    seed: int = 0

    def __post_init__(self) -> None:
        whole_number("steps", self.steps, 2)
        _check_sizes(self)

    symbols = 0
    width = 2
    classes = 1


@kind("CopyTask", seeds={})
@dataclass(frozen=True)
class CopyTask:
    """Ten symbols, blanks, a delimiter: reproduce the symbols at the last ten steps.

    Whoever remembers nothing has a cross entropy of log 8 at each of these steps.

    Attributes
    ----------
    delay
        Steps between the last symbol and the first answer; the last of them has the delimiter.
    train, test
        Sequences to train and to test on.
    seed
        Seed of the symbols.
    """

    delay: int = 100
    train: int = 10_000
    test: int = 1_000
    seed: int = 0

    def __post_init__(self) -> None:
        whole_number("delay", self.delay, 1)
        _check_sizes(self)

    symbols = SYMBOLS + 2
    classes = SYMBOLS

    @property
    def steps(self) -> int:
        """Length of a sequence."""
        return self.delay + 2 * REMEMBERED


@kind("SequentialDigits", seeds={})
@dataclass(frozen=True)
class SequentialDigits:
    """Handwritten digits of 8 x 8 pixels, read step by step: which digit is it?

    Attributes
    ----------
    order
        One of `ORDERS`.
    train, test
        Images to train and to test on; scikit-learn has 1,797.
    seed
        Seed of the split, and of the drawn order.
    """

    order: str = "rows"
    train: int = 1437
    test: int = 360
    seed: int = 0

    def __post_init__(self) -> None:
        one_of("order", self.order, ORDERS)
        _check_sizes(self)
        if self.train + self.test > DIGITS:
            raise ValueError(
                f"train is {self.train} and test is {self.test}: there are only {DIGITS} images; give "
                "fewer"
            )

    symbols = 0
    classes = 10

    @property
    def width(self) -> int:
        """Pixels at a step."""
        return SIDE if self.order == "rows" else 1

    @property
    def steps(self) -> int:
        """Steps of an image."""
        return SIDE * SIDE // self.width


@kind("Mnist1D", seeds={})
@dataclass(frozen=True)
class Mnist1D:
    """Ten shapes in one dimension, stretched, scaled, moved, in noise: which one is it?

    Attributes
    ----------
    train, test
        Sequences to train and to test on.
    seed
        Seed of all that is random.
    """

    train: int = 4_000
    test: int = 1_000
    seed: int = 0

    def __post_init__(self) -> None:
        _check_sizes(self)

    symbols = 0
    width = 1
    classes = 10
    steps = 40


@kind("MackeyGlass", seeds={})
@dataclass(frozen=True)
class MackeyGlass:
    """A chaotic series: the next point after a window of points.

    Attributes
    ----------
    tau
        Delay of the equation; one of `SERIES`.
    window
        Points that are read before each prediction.
    train, test
        Points of the series to train and to test on, one part after the other. By default ten
        Lyapunov times each.
    shift
        Points that are left out at the beginning of the series.
    """

    tau: int = 17
    window: int = 50
    train: int = 10 * LYAPUNOV_POINTS
    test: int = 10 * LYAPUNOV_POINTS
    shift: int = 0

    def __post_init__(self) -> None:
        whole_number("tau", self.tau, min(SERIES), max(SERIES))
        for name in ("window", "train", "test"):
            whole_number(name, getattr(self, name), 1)
        whole_number("shift", self.shift, 0)
        if self.train <= self.window:
            raise ValueError(
                f"train is {self.train} and window is {self.window}: a window and the point after it "
                "must fit into the training points; give more points, or a shorter window"
            )

    symbols = 0
    width = 1
    classes = 1

    @property
    def steps(self) -> int:
        """Length of a sequence."""
        return self.window


@kind("JapaneseVowels", seeds={})
@dataclass(frozen=True)
class JapaneseVowels:
    """Nine men say two vowels: who is it?

    12 cepstrum coefficients at each of 7 to 29 steps; 270 recordings to train and 370 to test on, split
    by those who made them.
    """

    symbols = 0
    width = 12
    classes = 9
    steps = 29


def _check_sizes(task: AddingProblem | CopyTask | SequentialDigits | Mnist1D) -> None:
    for name in ("train", "test"):
        whole_number(name, getattr(task, name), 1)
    whole_number("seed", task.seed, 0)
