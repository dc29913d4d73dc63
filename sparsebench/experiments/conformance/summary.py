"""Terminal tables of the thesis author's models and networks, compared with his accuracies."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from statistics import median

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from sparsebench.experiments.conformance.author_strings_table import author_strings_tables
from sparsebench.harness.experiment import RecordOf, no_record
from sparsebench.parts.records import Record, Verdict
from sparsebench.report.terminal_tables import empty_table


def conformance_tables(
    records: Sequence[Record], verdicts: Sequence[Verdict] = (), record_of: RecordOf = no_record
) -> Iterable[RenderableType]:
    """His models by target and percentage; for his wired networks, the differences from his figures;
    models that were trained here on his strings.
    """
    models = [record for record in records if record.case["kind"] == "ConformanceCase"]
    networks = [record for record in records if record.case["kind"] == "WiredConformanceCase"]
    if models:
        yield _conformance(models)
    if networks:
        yield Text(_wired_conformance(networks))
    yield from author_strings_tables(records, verdicts)


def _conformance(records: list[Record]) -> Table:
    """Three rows for each variant and target: measured, published and the difference, in %."""
    percents = sorted({int(record.case["percent"]) for record in records})
    columns = [f"{percent} %" for percent in percents]
    table = empty_table("the author's models, accuracy in %", ["variant", "target", ""], columns)
    groups: dict[tuple[str, str], dict[int, Record]] = {}
    for record in records:
        key = (str(record.case["variant"]), str(record.case["target"]))
        groups.setdefault(key, {})[int(record.case["percent"])] = record
    for (variant, target), items in groups.items():
        rows: dict[str, list[Text]] = {"measured": [], "published": [], "difference": []}
        for percent in percents:
            item = items.get(percent)
            metrics = item.metrics if item else {}
            measured, published = metrics.get("accuracy"), metrics.get("published")
            difference = ""
            if measured is not None and published is not None:
                difference = f"{100 * (measured - published):+.2f}"
            failed = item is not None and item.outcome == "failed"
            rows["measured"].append(_percent(measured))
            rows["published"].append(_percent(published))
            rows["difference"].append(Text(difference, style="bold red" if failed else ""))
        for index, (name, figures) in enumerate(rows.items()):
            first = (variant, target) if index == 0 else ("", "")
            table.add_row(*first, name, *figures, end_section=index == 2)
    return table


def _wired_conformance(records: list[Record]) -> str:
    """How many of the author's wired networks ran, and how far they are from his accuracies."""
    pairs = [(each.metrics["accuracy"], each.metrics.get("published")) for each in records]
    distances = [abs(measured - his) for measured, his in pairs if his is not None]
    line = f"the author's wired networks: {len(records)} run"
    if distances:
        line += (
            f", {len(distances)} beside his accuracy, in %: {100 * median(distances):.2f} away in "
            f"the median, {100 * max(distances):.2f} at the most"
        )
    return f"{line}\n"


def _percent(accuracy: float | None) -> Text:
    return Text("" if accuracy is None else f"{100 * accuracy:.2f}")
