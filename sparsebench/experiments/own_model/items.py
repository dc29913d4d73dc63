"""Items of a trained network of one's own: made sparse by a method at one density, and controls."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sparsebench.experiments.methods.items import OfMethod
from sparsebench.experiments.own_model.cases import OwnModelCase
from sparsebench.experiments.own_model.reading import read_model
from sparsebench.parts.files import FilePath
from sparsebench.parts.methods.method import Method
from sparsebench.parts.methods.named import methods_named
from sparsebench.parts.own_fit import check_dense, check_fits, check_padding, check_trainable
from sparsebench.parts.own_network import OwnNetwork
from sparsebench.parts.tasks import dataset, name_of, slug, task_kind_of
from sparsebench.values.checks import instance_of, listed
from sparsebench.values.protocol import Training
from sparsebench.values.tasks import Task

CONTROLS = ("dense", "random", "shuffled", "new_weights")
"""As for all methods, fine-tuned for as long, but for `small`: a trained network has no smaller one."""

METHOD_NAMES = ("magnitude", "gradual", "blocks")


@dataclass(frozen=True)
class OwnModelItem(OfMethod):
    """A trained network of your own that one method makes sparse, and the controls.

    Attributes
    ----------
    case
        The network, its task and its fine-tuning, with any seed.
    name, method
        The method, and its name in the item's id: small letters, digits, `_` and `-`.
    density
        The share of the recurrent weights that is left, 0-1.
    controls
        Names in `CONTROLS`.
    seeds
        The least number of seeds; more if the run asks for more.
    target
        What is made sparse: `i2h`, `h2h` or `both`.
    semantics
        Only `corrected`.
    """

    case: OwnModelCase
    name: str
    method: Method
    density: float
    controls: tuple[str, ...] = CONTROLS
    seeds: int = 1
    target: str = "both"
    semantics: str = "corrected"

    def __post_init__(self) -> None:
        instance_of("case", self.case, OwnModelCase)
        if "small" in self.controls:
            raise ValueError(
                "control 'small' is a small network that is trained from scratch for as long, and a "
                f"trained network has none: choose among {', '.join(CONTROLS)}"
            )
        self._check(CONTROLS)

    @property
    def id(self) -> str:
        """The id inside the brackets of the pytest item."""
        return f"{self.case.name}-{name_of(self.case.task)}-{self._how}"

    def _base(self, seed: int) -> OwnModelCase:
        return replace(self.case, seed=seed)


def own_model_items(
    network: OwnNetwork | FilePath,
    task: Task,
    methods: Mapping[str, Method] | Iterable[str] = METHOD_NAMES,
    densities: Iterable[float] = (0.5, 0.2, 0.1, 0.05),
    *,
    training: Training = Training(epochs=10),
    name: str = "",
    controls: Iterable[str] = ("dense",),
    seeds: int = 1,
    target: str = "both",
    state_dict: dict[str, Any] | None = None,
) -> list[OwnModelItem]:
    """Make items that prune a trained network of your own by methods, and fine-tune it.

    Parameters
    ----------
    network
        The network, trained and not pruned; or a file with it: one of `export_network`
        (`.safetensors` or `.npz`), or one with the state dict of a PyTorch model.
    task
        What it is fine-tuned and tested on, with numbers scaled as in its own training
        (`own_data(..., standardised=False)` leaves them as they are).
    methods
        Names in `METHODS`, or methods by the names that items show. All fine-tune within the same
        budget: `AtStart` prunes at once, the others during the fine-tuning.
    densities
        Shares of the recurrent weights that are left, 0.001-1.
    training
        The budget: how all networks are fine-tuned, controls as well.
    name
        The network's name in ids and tables; by default its file's, or `model` and a part of its
        checksum.
    controls
        Networks to compare with: `dense` is fine-tuned for as long, `random` has random masks from the
        start, `shuffled` and `new_weights` have the masks that the method found, at other places in
        each matrix, or on random initial weights.
    seeds
        The least number of seeds, of orders of examples and of what methods draw.
    target
        What is made sparse: `i2h`, `h2h` or `both`.
    state_dict
        For a file with a state dict, further arguments of `from_state_dict`, such as
        `{"head": "head", "batch_first": True}`.

    Returns
    -------
    list of OwnModelItem
        One for each method and density.

    Raises
    ------
    OSError
        If the file cannot be read.
    TypeError, ValueError
        If the network does not fit the task or cannot be fine-tuned, with what to do; if a value is
        out of bounds.
    """
    model = read_model(network, state_dict)
    task_kind_of(task)
    check_trainable(model)
    check_dense(model)
    data = dataset(task)
    check_fits(model, task, data.test)
    if model.structure.padding is not None:
        for piece in data.pieces(0):
            check_padding(model, piece)
    default = f"model-{model.checksum[:8]}" if network is model else slug(Path(str(network)).stem)
    case = OwnModelCase.of(model, name or default, task, training=training)
    chosen = methods_named(methods, model.structure.variant)
    densities, controls = listed("densities", densities), listed("controls", controls)
    return [
        OwnModelItem(case, each, method, density, controls, seeds, target)
        for each, method in chosen.items()
        for density in densities
    ]
