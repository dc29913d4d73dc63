"""A network of your own: its structure, arrays and masks."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field, replace

import numpy as np

from sparsebench.parts.files import shown
from sparsebench.parts.own_forward import State, forward
from sparsebench.parts.weight_files import checksum
from sparsebench.values.layout import Layout
from sparsebench.values.masks import Masks, Weights, masked
from sparsebench.values.own_structure import OwnStructure

_NAMED = 5
"""Most faults that an error lists."""


@dataclass(frozen=True, eq=False)
class OwnNetwork:
    """A recurrent network of your own: its structure, its float32 arrays and its masks.

    `from_torch` makes one of PyTorch's layers, `to_torch` the layers of one. A pruned weight is
    zero.

    Attributes
    ----------
    structure
        Its layers, and what stands around them.
    weights
        Named float32 arrays; those of `structure.shapes`, and no others. They cannot be written to.
    masks
        Name of an array -> boolean array of its shape, true where the weight is kept. Arrays that
        are kept whole have none.

    Raises
    ------
    ValueError
        If the arrays or masks do not fit the structure.
    """

    structure: OwnStructure
    weights: Weights
    masks: Masks = field(default_factory=dict)

    def __post_init__(self) -> None:
        arrays = self._checked_weights()
        masks = {name: np.array(mask) for name, mask in self.masks.items()}
        for each in (*(kept := masked(arrays, masks)).values(), *masks.values()):
            each.setflags(write=False)
        object.__setattr__(self, "weights", kept)
        pruned = {name: mask for name, mask in masks.items() if not mask.all()}
        object.__setattr__(self, "masks", pruned)

    @property
    def layout(self) -> Layout:
        """The layout for this package's engines, which take `engine_weights` and `masks` beside it.

        Raises
        ------
        ValueError
            If the engines cannot compute the network; with what to do instead.
        """
        return self.structure.layout

    def prunable(self, target: str = "both") -> list[list[str]]:
        """The arrays to prune, as `sparsebench.prune` takes them; see `OwnStructure.prunable`."""
        return self.structure.prunable(target)

    @property
    def kept(self) -> tuple[int, int]:
        """The number of recurrent weights, without biases, and the number without masks."""
        names = [name for layer in self.prunable() for name in layer]
        total = sum(self.weights[name].size for name in names)
        gone = sum(int((~self.masks[name]).sum()) for name in names if name in self.masks)
        return total - gone, total

    def reading(self, reads: str) -> OwnNetwork:
        """The network with a head that reads something else, see `OwnStructure`."""
        return replace(self, structure=replace(self.structure, reads=reads))

    def with_masks(self, masks: Masks) -> OwnNetwork:
        """The network with other masks of some arrays; those of other arrays stay.

        Raises
        ------
        ValueError
            If a mask has the name of no array, is not boolean, or has another shape.
        """
        return replace(self, masks={**self.masks, **masks})

    def with_weights(self, weights: Weights) -> OwnNetwork:
        """The network with other values in some or all of its arrays, such as those of a training.

        Parameters
        ----------
        weights
            Named arrays. Those that only the engine has (`engine_weights`) must be as they were.

        Raises
        ------
        ValueError
            If arrays do not fit; if a bias has values that the network has no place for.
        """
        added = {name: each for name, each in weights.items() if name not in self.weights}
        if added:
            known = self.engine_weights
            faults = [
                f"{shown(name)} is none of them, and has other values than the engine's"
                for name, each in added.items()
                if name not in known or not np.array_equal(each, known[name])
            ]
            _refuse(
                faults, "give the biases of nn layers with bias=True, or leave out what is added"
            )
        own = {name: each for name, each in weights.items() if name in self.weights}
        return replace(self, weights={**self.weights, **own})

    def forward(
        self, inputs: np.ndarray, lengths: np.ndarray | None = None, state: State | None = None
    ) -> tuple[np.ndarray, State]:
        """Compute outputs and the last state, as PyTorch's layers do in evaluation.

        This is the definition, in NumPy with double precision, not a fast way to run the network.

        Parameters
        ----------
        inputs
            (T, B, width) numbers or, with an embedding, (T, B) whole numbers; with `batch_first`,
            (B, T, width) or (B, T).
        lengths
            (B,) numbers of true steps; None: all are. Later steps are not read, as in a packed
            sequence of PyTorch.
        state
            The state to begin with; None: zeros. h, or (h, c) of an LSTM, each
            (layers * directions, B, size) as in PyTorch. For several stacks, a tuple of these.

        Returns
        -------
        outputs : numpy.ndarray
            float32, (B, outputs); if every step is read, (T, B, outputs) or, with `batch_first`,
            (B, T, outputs).
        state
            The state after the last step, to go on from with the next inputs.

        Raises
        ------
        TypeError, ValueError
            If inputs, lengths or state do not fit.
        """
        return forward(self, inputs, lengths, state)

    @property
    def checksum(self) -> str:
        """32 hexadecimal digits that change with its structure, and with any bit of its arrays."""
        structure = json.dumps(asdict(self.structure), sort_keys=True)
        content = f"{structure} {checksum(self.weights)} {checksum(self.masks)}"
        return hashlib.sha256(content.encode()).hexdigest()[:32]

    @property
    def engine_weights(self) -> dict[str, np.ndarray]:
        """The arrays of `layout`: the network's, zeros for biases that it does not have, and, for a
        network without a head, a readout that hands the outputs on.

        Raises
        ------
        ValueError
            As `layout`.
        """
        result = {}
        for name, shape in self.layout.shapes().items():
            if name in self.weights:
                result[name] = self.weights[name]
            elif name == "readout.weight":
                result[name] = np.eye(self.structure.outputs, dtype=np.float32)
            else:
                result[name] = np.zeros(shape, np.float32)
        return result

    def __str__(self) -> str:
        kept, total = self.kept
        return f"{self.structure}, {kept} of {total} weights kept"

    def _checked_weights(self) -> dict[str, np.ndarray]:
        """Copies of the arrays, checked."""
        expected = self.structure.shapes()
        faults = [f"{name} is missing" for name in expected if name not in self.weights]
        faults += [
            f"{shown(name)} is not expected" for name in self.weights if name not in expected
        ]
        for name, shape in expected.items():
            array = self.weights.get(name)
            if array is None:
                continue
            if array.dtype != np.float32 or array.shape != shape:
                faults.append(f"{name} is {array.dtype} {array.shape}, not float32 {shape}")
            elif not np.isfinite(array).all():
                faults.append(f"{name} holds NaN or infinite values")
        _refuse(faults, "give the arrays of OwnStructure.shapes")
        return {name: np.array(self.weights[name]) for name in expected}


def _refuse(faults: list[str], remedy: str) -> None:
    if faults:
        more = f"; and {len(faults) - _NAMED} more" if len(faults) > _NAMED else ""
        raise ValueError(
            f"not the arrays of the network: {'; '.join(faults[:_NAMED])}{more}: {remedy}"
        )
