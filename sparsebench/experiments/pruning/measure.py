"""Experiment: prune a trained base model and evaluate it, without retraining (thesis, section 6.2)."""

from __future__ import annotations

from dataclasses import dataclass

from sparsebench.experiments.pruning.cases import PruningCase
from sparsebench.harness.context import Bench
from sparsebench.harness.evaluating import evaluated
from sparsebench.harness.forward_passes import Subject, stacked
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
    """A trained model and what pruning leaves of it, of which a case's key, record and time are.

    Attributes
    ----------
    model
        As it was trained.
    masks
        Of the target's arrays.
    subject
        The pruned one.
    """

    model: Model
    masks: Masks
    subject: Subject


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
    pruned = pruned_model(case, bench)
    kept, total = kept_of(pruned.masks)
    remaining, recurrent = recurrent_weights(case.base.architecture.layout, pruned.masks)
    result = evaluated(
        pruned.subject.plan,
        pruned.subject.weights,
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


def passes(case: PruningCase, bench: Bench) -> Subject:
    """The pruned model, whose forward pass is timed beside the whole one's."""
    return pruned_model(case, bench).subject


def cache_key(case: PruningCase, bench: Bench) -> str:
    """What decides the figures beside the case and the code."""
    return checksum(pruned_model(case, bench).subject.weights)


def pruned_model(case: PruningCase, bench: Bench) -> PrunedModel:
    """The model of a case, trained and pruned.

    A record is cached under the masks that it was measured with, and times are those of the same
    network: it is made once for all of them, and if again later in a run, then as the same.

    Raises
    ------
    NotReproducible
        If the criterion gives others than before.
    """
    return bench.recent.get(("pruned", case), lambda: _pruned_model(case, bench))


def _pruned_model(case: PruningCase, bench: Bench) -> PrunedModel:
    model = model_of(case.base, bench)
    names = prunable(case.base.architecture.layout, case.target)
    masks = prune(model.weights, names, case.percent, case.base.semantics, case.criterion)
    complaint = f"criterion {case.criterion!r} gave two different masks for the same weights"
    bench.check_same(complaint, ("masks", case), checksum(masks))
    return PrunedModel(model, masks, stacked(case.base, model.weights, masks))
