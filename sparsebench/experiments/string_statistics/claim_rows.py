"""The thesis's statements about its strings, for every data set."""

from __future__ import annotations

from sparsebench.experiments.string_statistics.claims import STATED, strings_verdicts
from sparsebench.experiments.string_statistics.items import strings_items
from sparsebench.experiments.string_statistics.table import by_item
from sparsebench.judging.intervals import CONFIDENCE
from sparsebench.report.every_claim import ClaimRow
from sparsebench.report.measured import Measured


def claim_rows(measured: Measured) -> list[ClaimRow]:
    """Every statement about each data set, measured or not; strings have no semantics."""
    found, rows = measured.of(by_item), []
    for item in strings_items():
        judged = strings_verdicts(item, found.get(item, ()), CONFIDENCE)
        verdicts = {each.statement: each for each in judged}
        for stated in STATED:
            verdict = verdicts.get(stated.statement)
            rows.append(
                ClaimRow(
                    "strings",
                    item,
                    stated.statement,
                    stated.source,
                    *stated.range,
                    {item.semantics: verdict} if verdict else {},
                    speaks_of=item.semantics,
                )
            )
    return rows
