"""Experiment: what the strings are that networks are trained on (thesis, figures 4.2 to 4.5)."""

from __future__ import annotations

from sparsebench.experiments.string_statistics import measure
from sparsebench.experiments.string_statistics.cases import StringFilesCase, StringsCase
from sparsebench.experiments.string_statistics.claims import strings_verdicts
from sparsebench.experiments.string_statistics.comparison import STRINGS
from sparsebench.experiments.string_statistics.items import StringsItem
from sparsebench.harness.experiment import Experiment, Items, Measurement, late
from sparsebench.parts.string_statistics import CLASSES, PLACES

_SERIES = tuple(f"lengths {half}" for half in measure.HALVES)
_TABLES = tuple(
    table
    for name in CLASSES
    for table in (
        f"letters, {name}",
        *(f"letter {place}, {name}" for place in range(1, PLACES + 1)),
    )
)
_METRICS = ("strings", *(f"longest {half}" for half in measure.HALVES))

EXPERIMENT = Experiment(
    name="string_statistics",
    tables=late("sparsebench.experiments.string_statistics.summary:strings_tables"),
    sections=late("sparsebench.experiments.string_statistics.section:sections"),
    claim_rows=late("sparsebench.experiments.string_statistics.claim_rows:claim_rows"),
    markdown=late("sparsebench.experiments.string_statistics.table:markdown"),
    items=(Items(item=StringsItem, verdicts=strings_verdicts),),
    measurements=(
        Measurement(
            name="string_counts",
            case=StringsCase,
            measure=measure.measure,
            cache_key=measure.cache_key,
            policy=STRINGS,
            metrics=_METRICS,
            series=_SERIES,
            tables=_TABLES,
        ),
        Measurement(
            name="string_counts",
            case=StringFilesCase,
            policy=STRINGS,
            metrics=_METRICS,
            series=_SERIES,
            tables=_TABLES,
        ),
    ),
)
