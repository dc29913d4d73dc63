"""Networks of your own, compiled for one sequence at a time."""

from __future__ import annotations

from collections.abc import Mapping

from sparsebench.engines.streaming.network import StreamingNetwork
from sparsebench.parts.own_network import OwnNetwork
from sparsebench.values.checks import instance_of
from sparsebench.values.layout import Layout
from sparsebench.values.masks import Masks, Weights


def compile_network(
    network: OwnNetwork | Layout,
    weights: Weights | None = None,
    masks: Masks | None = None,
    *,
    formats: Mapping[str, str] | None = None,
    dtype: str = "float32",
) -> StreamingNetwork:
    """Compile a network for one sequence at a time: frame by frame, or all steps at once.

    Each matrix is packed whole, or as the blocks of 16 or of 8 rows and one column that have a weight,
    whichever a product takes least time with on this machine. A network that reads the last step has
    outputs after every step here, of which the last are its own.

    Parameters
    ----------
    network
        A network of your own of one direction, or the layout of any network.
    weights, masks
        For a layout, its named arrays, and which weights it has; a network of your own has both.
    formats
        For some matrices, `full`, `16x1` or `8x1`, instead of the fastest.
    dtype
        `float32`; or `int8`, which stores each weight as a whole number of -127 to 127 times a scale of
        its row: a quarter of the size of whole matrices, some two fifths of that of blocks, which have
        columns too. Measure what it costs in accuracy. Sums are float32 in both.

    Returns
    -------
    StreamingNetwork
        `start`, `step` and `run` take and give the state, `run_batch` takes a few sequences; `formats`
        says how each matrix is packed.

    Raises
    ------
    TypeError
        If it is no network, or arrays are missing or given twice.
    ValueError
        If the engine cannot compute it, with what to do instead; if arrays do not fit.
    """
    instance_of("network", network, OwnNetwork, Layout)
    if isinstance(network, OwnNetwork):
        if weights is not None or masks is not None:
            raise TypeError(
                "a network of your own has weights and masks: leave out others, or give "
                "network.with_weights(...) and network.with_masks(...)"
            )
        sizes = [[stack.size] * stack.layers for stack in network.structure.stacks]
        return StreamingNetwork(
            network.layout, network.engine_weights, network.masks, formats, sizes, dtype
        )
    if weights is None:
        raise TypeError("a layout has no weights: give weights, its named arrays")
    return StreamingNetwork(network, weights, masks, formats, dtype=dtype)
