"""Experiment: prune a trained base model and evaluate it, without retraining (thesis, section 6.2)."""

from __future__ import annotations

from sparsebench.experiments.bench import Bench
from sparsebench.parts.pruning import prune
from sparsebench.parts.records import Record
from sparsebench.parts.weights import prunable
from sparsebench.values.case import PruningCase, canonical, digest
from sparsebench.values.masks import Weights, masked


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
    from sparsebench.engines.evaluation import evaluate_weights

    model = bench.model(case.base)
    weights, kept, total = pruned_weights(case, model.weights)
    result = evaluate_weights(
        case.base.architecture,
        weights,
        case.base.semantics.readout,
        bench.dataset(case.base.data).test,
        case.base.training.batch_size,
        bench.settings.device,
    )
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
            "density": _density(case, model.weights, total - kept),
        },
        weights=model.training.weights,
        provenance=bench.note(bench.here),
        trained=bench.note(model.trained),
    )


def pruned_weights(case: PruningCase, weights: Weights) -> tuple[Weights, int, int]:
    """A trained model's weights with those of the target pruned.

    Returns
    -------
    weights : dict
        Named arrays, zero where pruned.
    kept, total : int
        Weights of the target that are kept, and all of them.
    """
    names = prunable(case.base.architecture.layout, case.target)
    masks = prune(weights, names, case.percent, case.base.semantics, case.criterion)
    kept = sum(int(mask.sum()) for mask in masks.values())
    return masked(weights, masks), kept, sum(mask.size for mask in masks.values())


def _density(case: PruningCase, weights: Weights, gone: int) -> float:
    recurrent = [
        name for layer in prunable(case.base.architecture.layout, "both") for name in layer
    ]
    return 1 - gone / sum(weights[name].size for name in recurrent)
