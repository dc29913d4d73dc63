"""Experiment: prune a trained base model and evaluate it, without retraining (thesis, section 6.2)."""

from __future__ import annotations

from sparsebench.experiments.pruning.cases import PruningCase
from sparsebench.harness.context import Bench
from sparsebench.harness.forward_passes import Subject, stacked
from sparsebench.harness.trained_models import model_of
from sparsebench.parts.machine import processor
from sparsebench.parts.plan import plan
from sparsebench.parts.pruning import prune
from sparsebench.parts.records import Record
from sparsebench.parts.weight_files import checksum
from sparsebench.parts.weights import prunable, recurrent_weights
from sparsebench.values.identity import canonical, digest
from sparsebench.values.masks import Masks, Weights, kept_of, masked


def measure(case: PruningCase, bench: Bench) -> Record:
    """Prune a trained model and classify the whole test half with what is left.

    Parameters
    ----------
    case
        The model, the target, the percentage and the criterion.
    bench
        Trains the model, or knows where it lies.

    Returns
    -------
    Record
        `accuracy` and `loss` on the test half; `kept` of `prunable` weights of the target, and
        `density`, the share of all recurrent weights that are kept.
    """
    from sparsebench.engines.devices import population

    model = model_of(case.base, bench)
    masks = pruning_masks(case, model.weights, bench)
    layout, training = case.base.architecture.layout, case.base.training
    kept, total = kept_of(masks)
    remaining, recurrent = recurrent_weights(layout, masks)
    pruned = population(
        [plan(layout, masks)],
        [masked(model.weights, masks)],
        case.base.semantics.readout,
        training,
        bench.settings.device,
        bench.settings.threads,
        bench.progress,
    )
    (result,) = pruned.evaluate(bench.dataset(case.base.data).test, training.batch_size)
    return Record(
        digest=digest(case),
        experiment="pruning",
        case=canonical(case),
        metrics={
            "accuracy": result.accuracy,
            "loss": result.loss,
            "strings": result.total,
            "kept": kept,
            "prunable": total,
            "density": remaining / recurrent,
        },
        weights=model.training.weights,
        provenance=bench.note(bench.here),
        trained=bench.note(model.trained),
    )


def passes(case: PruningCase, bench: Bench) -> Subject:
    """The pruned model, whose forward pass is timed beside the whole one's."""
    weights = model_of(case.base, bench).weights
    return stacked(case.base, weights, pruning_masks(case, weights, bench))


def content(case: PruningCase, bench: Bench) -> str:
    """What decides the figures beside the case and the code."""
    weights = model_of(case.base, bench).weights
    return f"{checksum(masked(weights, pruning_masks(case, weights, bench)))} {processor()}"


def pruning_masks(case: PruningCase, weights: Weights, bench: Bench) -> Masks:
    """The masks of the target's arrays of a trained model: the same ones throughout a run.

    A record is kept under the masks that it was measured with, and times are those of the same network.

    Raises
    ------
    NotReproducible
        If the criterion gives others than before.
    """
    names = prunable(case.base.architecture.layout, case.target)
    masks = prune(weights, names, case.percent, case.base.semantics, case.criterion)
    complaint = f"criterion {case.criterion!r} gave two different masks for the same weights"
    bench.check_same(complaint, ("masks", case), checksum(masks))
    return masks
