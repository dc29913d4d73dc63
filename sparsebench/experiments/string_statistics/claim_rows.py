"""The thesis's statements about its strings, for the data sets that were measured."""

from __future__ import annotations

from sparsebench.experiments.string_statistics.claims import STATED, strings_verdicts
from sparsebench.experiments.string_statistics.table import by_item
from sparsebench.judging.intervals import CONFIDENCE
from sparsebench.parts.records import Verdict
from sparsebench.report.every_claim import ClaimRow
from sparsebench.report.measured import Measured


def claim_rows(measured: Measured) -> list[ClaimRow]:
    """Every statement about each data set that has records; strings have no semantics."""
    rows = []
    for item, records in measured.of(by_item).items():
        verdicts: dict[str, Verdict] = {
            each.statement: each for each in strings_verdicts(item, records, CONFIDENCE)
        }
        for stated in STATED:
            found = verdicts.get(stated.statement)
            rows.append(
                ClaimRow(
                    "strings",
                    item,
                    stated.statement,
                    stated.source,
                    *stated.range,
                    {item.semantics: found} if found else {},
                    speaks_of=item.semantics,
                )
            )
    return rows
