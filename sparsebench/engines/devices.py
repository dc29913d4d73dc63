"""Which engine runs a population on which device."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from sparsebench.parts.plan import Plan
from sparsebench.values.masks import Weights
from sparsebench.values.protocol import Training

if TYPE_CHECKING:
    from sparsebench.engines.fused.population import Population
    from sparsebench.engines.gpu.population import GpuPopulation


def population(
    plans: Sequence[Plan],
    weights: Sequence[Weights],
    readout: str,
    training: Training,
    device: str,
    threads: int = 1,
    progress: Callable[[str], None] = lambda message: None,
) -> Population | GpuPopulation:
    """Networks of one variant on a device.

    Parameters
    ----------
    plans, weights, readout, training
        See `sparsebench.engines.fused.population.Population`.
    device
        `cpu`, or what torch calls a GPU.
    threads
        Threads of a CPU that share the work; changes no figure.
    progress
        Told when loops are compiled.

    Raises
    ------
    ValueError
        If variants or numbers of classes differ, or weights do not fit their plan.
    RuntimeError
        If the GPU or Triton is missing.
    """
    if device == "cpu":
        from sparsebench.engines.fused.population import Population

        return Population(plans, weights, readout, training, threads, progress=progress)
    if training.optimiser not in (None, "adam") or not all(plan.layout.symbols for plan in plans):
        raise ValueError(
            f"optimiser {training.optimiser or 'adam'}, networks that read "
            f"{'letters' if all(plan.layout.symbols for plan in plans) else 'vectors'}: a GPU trains "
            "networks that read letters, with Adam; leave out --gpu for the others"
        )
    from sparsebench.engines.gpu.population import GpuPopulation

    return GpuPopulation(plans, weights, readout, training, device)
