"""Experiment: prune a trained base model and evaluate it, without fine-tuning (thesis, section 6.2)."""

from __future__ import annotations

from dataclasses import dataclass

from sparsebench.experiments.pruning.cases import PruningCase
from sparsebench.harness.context import Bench
from sparsebench.harness.evaluating import evaluated
from sparsebench.harness.forward_passes import TimedNetwork, stacked
from sparsebench.harness.networks import Model
from sparsebench.harness.trained_models import model_of
from sparsebench.parts.pruning import prune
from sparsebench.parts.records import Record
from sparsebench.parts.weight_files import checksum
from sparsebench.parts.weights import prunable, recurrent_weights
from sparsebench.values.identity import canonical, digest
from sparsebench.values.masks import Masks, kept_of


@dataclass(frozen=True, eq=False)
class PrunedModel:
    """A trained model and its pruned form, shared by a case's cache key, record and forward time.

    Attributes
    ----------
    model
        The trained model.
    masks
        Masks of the target's arrays.
    timed
        The pruned model.
    """

    model: Model
    masks: Masks
    timed: TimedNetwork


def measure(case: PruningCase, bench: Bench) -> Record:
    """Prune a trained model and evaluate it on the whole test half.

    Parameters
    ----------
    case
        The model, the target, the percentage and the criterion.
    bench
        Trains the model, or loads it from the store.

    Returns
    -------
    Record
        `accuracy` and `loss` on the test half; `kept` of the target's `prunable` weights;
        `density`: the share of all recurrent weights that is kept, 1 if others are pruned.
    """
    pruned = pruned_model(case, bench)
    kept, total = kept_of(pruned.masks)
    remaining, recurrent = recurrent_weights(case.base.architecture.layout, pruned.masks)
    result = evaluated(
        pruned.timed.plan,
        pruned.timed.weights,
        case.base.semantics.readout,
        bench.dataset(case.base.data).test,
        case.base.training.batch_size,
        bench,
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
            "density": remaining / recurrent,
        },
        weights=pruned.model.training.weights,
        numerics=bench.numerics,
        provenance=bench.note(bench.here),
        trained=bench.note(pruned.model.trained),
    )


def passes(case: PruningCase, bench: Bench) -> TimedNetwork:
    """The pruned model, for timing its forward pass beside the dense model's."""
    return pruned_model(case, bench).timed


def cache_key(case: PruningCase, bench: Bench) -> str:
    """Checksum of the pruned weights: it decides the figures, together with case and code."""
    return checksum(pruned_model(case, bench).timed.weights)


def pruned_model(case: PruningCase, bench: Bench) -> PrunedModel:
    """Train and prune the model of a case.

    The cache key, the record and the forward time must be of the same network. So the model is
    pruned once for all of them; if it must be pruned again later in the run, the masks must agree.

    Raises
    ------
    NotReproducible
        If the criterion gives other masks than before.
    """
    return bench.recent.get(("pruned", case), lambda: _pruned_model(case, bench))


def _pruned_model(case: PruningCase, bench: Bench) -> PrunedModel:
    model = model_of(case.base, bench)
    names = prunable(case.base.architecture.layout, case.target)
    masks = prune(model.weights, names, case.percent, case.base.semantics, case.criterion)
    message = f"criterion {case.criterion!r} gave two different masks for the same weights"
    bench.check_same(message, ("masks", case), checksum(masks))
    return PrunedModel(model, masks, stacked(case.base, model.weights, masks))
