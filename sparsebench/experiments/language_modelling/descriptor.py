"""Experiment: networks that predict letters generate strings (proposal, section 6)."""

from __future__ import annotations

from sparsebench.experiments.language_modelling import generation
from sparsebench.experiments.language_modelling.cases import GenerationCase
from sparsebench.experiments.language_modelling.claims import letters_verdicts
from sparsebench.experiments.language_modelling.comparison import GRAMMAR
from sparsebench.experiments.language_modelling.items import LabelsItem, LettersItem, WritingItem
from sparsebench.harness.experiment import Cost, Experiment, Items, Measurement, late


def _cost(case: GenerationCase) -> Cost:
    return "generation", case.strings


EXPERIMENT = Experiment(
    name="language_modelling",
    tables=late("sparsebench.experiments.language_modelling.summary:written_tables"),
    sections=lambda measured: (),  # the section of capacity shows them
    claim_rows=late("sparsebench.experiments.language_modelling.claim_rows:claim_rows"),
    claimed=lambda settings: settings.work.tasks.claimed,
    items=(
        Items(item=LettersItem, verdicts=letters_verdicts),
        Items(item=LabelsItem),
        Items(item=WritingItem),
    ),
    measurements=(
        Measurement(
            name="generation",
            case=GenerationCase,
            measure=generation.measure,
            networks=lambda case, from_scratch: [case.network],
            cache_key=generation.cache_key,
            cost=_cost,
            policy=GRAMMAR,
            metrics=("grammatical", "legal_next", "strings"),
            shares=("grammatical", "legal_next"),
        ),
    ),
)
