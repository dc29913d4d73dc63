"""Methods on networks that are trained in a moment."""

from typing import Any

from sparsebench.experiments.capacity.cases import TaskCase
from sparsebench.experiments.methods.cases import MethodCase
from sparsebench.experiments.methods.items import CONTROLS, EQUAL_GATES, MethodItem
from sparsebench.parts.methods.method import Method
from sparsebench.parts.methods.named import METHODS
from sparsebench.values.protocol import Training
from sparsebench.values.sequence_tasks import SequentialDigits

DIGITS = SequentialDigits("rows", train=48, test=32)
TRAINING = Training(epochs=3, batch_size=16, learning_rate=0.01)


def base(seed: int = 0, variant: str = "gru", **others: Any) -> TaskCase:
    """A dense network of six units, trained for nine steps."""
    return TaskCase(variant, DIGITS, seed, **{"hidden_size": 6, "training": TRAINING, **others})


def case(
    method: Method = METHODS["magnitude"],
    density: float = 0.25,
    seed: int = 0,
    variant: str = "gru",
    target: str = "both",
    **others: Any,
) -> MethodCase:
    """A method on such a network."""
    return MethodCase(base(seed, variant, **others), method, density, target)


def item(name: str = "gradual", density: float = 0.1, **others: Any) -> MethodItem:
    """A method of ours on networks of eight units, GRUs but for methods of LSTMs, with all controls."""
    chosen = {
        "task": DIGITS,
        "units": 8,
        "training": TRAINING,
        "variant": "lstm" if name in ("gates_lstm", "jacobian") else "gru",
        "controls": (*CONTROLS, EQUAL_GATES) if str(name).startswith("gates") else CONTROLS,
        **others,
    }
    method = chosen.pop("method", None) or METHODS.get(name, METHODS["gradual"])
    return MethodItem(name=name, method=method, density=density, **chosen)
