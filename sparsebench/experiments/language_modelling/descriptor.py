"""Experiment: networks that predict letters write strings (proposal, section 6)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from sparsebench.experiments.language_modelling import generation
from sparsebench.experiments.language_modelling.cases import GenerationCase
from sparsebench.experiments.language_modelling.claims import letters_verdicts
from sparsebench.experiments.language_modelling.comparison import GRAMMAR
from sparsebench.experiments.language_modelling.items import LabelsCell, LettersCell, WritingCell
from sparsebench.harness.experiment import Cost, Experiment, Items, Measurement

if TYPE_CHECKING:
    from rich.console import RenderableType

    from sparsebench.parts.records import Record, Verdict


def _cost(case: GenerationCase) -> Cost:
    return "generation", case.strings


def _tables(records: Sequence[Record], verdicts: Sequence[Verdict]) -> Iterable[RenderableType]:
    from sparsebench.experiments.capacity.summary import tables_of_tasks  # rich

    return tables_of_tasks([each for each in records if each.experiment == "generation"], verdicts)


EXPERIMENT = Experiment(
    name="language_modelling",
    tables=_tables,
    claimed=lambda settings: settings.work.tasks.claimed,
    items=(
        Items(cell=LettersCell, verdicts=letters_verdicts),
        Items(cell=LabelsCell),
        Items(cell=WritingCell),
    ),
    measurements=(
        Measurement(
            name="generation",
            case=GenerationCase,
            measure=generation.measure,
            networks=lambda case, from_scratch: [case.network],
            content=generation.content,
            cost=_cost,
            policy=GRAMMAR,
            metrics=("grammatical", "legal_next", "strings"),
        ),
    ),
)
