"""Figures of the report on capacity: bits by layers and activation, and learning curves."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import zip_longest
from statistics import fmean

from sparsebench.experiments.capacity.cases import TaskCase
from sparsebench.experiments.capacity.stored_bits import (
    Kind,
    best_bits,
    bits_per_parameter,
    kind_of,
)
from sparsebench.experiments.capacity.table import (
    ReadRecord,
    initialisation_of,
    memory_of,
    optimiser_of,
)
from sparsebench.parts.records import Record
from sparsebench.parts.tasks import name_of
from sparsebench.report.contents import Column, Drawing, Table
from sparsebench.report.drawing import (
    BLUE,
    GREEN,
    ORANGE,
    PURPLE,
    SKY,
    VARIANT_COLOURS,
    VERMILION,
    Panel,
    drawn,
    panels,
)
from sparsebench.report.words import VARIANT_TITLES
from sparsebench.values.protocol import CELL_TYPES, INITIALISATIONS, OPTIMISERS, VARIANTS
from sparsebench.values.tasks import RandomLabels

Points = list[tuple[float, float]]
Lines = dict[str, Points]
"""Label -> x and y values."""

Subject = tuple[str, str, int]
"""A cell type, the name of a task, and epochs of training."""

_COLOURS = (BLUE, VERMILION, GREEN, PURPLE, ORANGE)

_RECTIFIED = "RNN-ReLU, identity"

_ACCURACY = {"test_accuracy": "test accuracy"}


def drawings(measured: Sequence[ReadRecord]) -> list[Drawing]:
    """The figures for which there are records."""
    found = [
        _bits(measured),
        _curves(
            measured,
            "optimisers-by-epoch",
            "Reber strings by epoch and optimiser (report, figures 11 and 12)",
            OPTIMISERS,
            optimiser_of,
            {**_ACCURACY, "test_loss": "test loss, nats"},
        ),
        _curves(
            measured,
            "initialisations-by-epoch",
            "Reber strings by epoch and initial weights (report, figures 13 and 14)",
            INITIALISATIONS,
            initialisation_of,
            _ACCURACY,
        ),
        _curves(
            measured,
            "long-memory-by-epoch",
            "Sums of two numbers far apart, by epoch and initial weights (report, section VI)",
            INITIALISATIONS,
            memory_of,
            {"test_loss": "squared error"},
        ),
    ]
    return [each for each in found if each is not None]


def _bits(measured: Sequence[ReadRecord]) -> Drawing | None:
    """Bits of networks of two layers, bits per parameter, and ReLU against tanh."""
    best = best_networks(measured)
    two = bits_of(best, 2, named_by_variant)
    each = bits_of(best, 1, named_by_variant, bits_per_parameter)
    rectified = bits_of(best, 1, _named_by_activation)
    if not (two or each or rectified):
        return None
    figure, axes = panels(1, 3, 3.4)
    shown = {
        "two layers": (two, "bits stored"),
        "one layer, for each parameter": (each, "bits"),
        "one layer, ReLU against tanh": (rectified, "bits stored"),
    }
    for panel, (title, (lines, up)) in zip(axes[0], shown.items(), strict=True):
        for label, points in lines.items():
            draw_line(panel, label, points, _COLOUR_OF[label], "o")
        panel.set(title=title, xlabel="parameters", ylabel=up)
    figure.first = [VARIANT_TITLES[variant] for variant in VARIANTS]
    return drawn(
        "bits-by-kind",
        "Bits of random labels by layers and activation (report, figures 3 to 5)",
        "Three panels with a point for each network: bits stored by networks of two layers, bits for "
        "each parameter of networks of one, and those of rectified units beside tanh.",
        figure,
        _numbers("bits-by-kind", {title: lines for title, (lines, _) in shown.items()}),
    )


_COLOUR_OF = {
    **{VARIANT_TITLES[variant]: colour for variant, colour in VARIANT_COLOURS.items()},
    _RECTIFIED: SKY,
}


Best = Sequence[tuple[Kind, Record]]
"""Networks of random labels, at the number of samples that stored most bits."""


def best_networks(measured: Sequence[ReadRecord]) -> Best:
    """The best record of each network of random labels that is not pruned."""
    labels = [
        record
        for _, network, record in measured
        if record.experiment == "task" and isinstance(network.task, RandomLabels)
    ]
    return [(kind_of(record), record) for record in best_bits(labels).values()]


def named_by_variant(variant: str, drawn_by: str) -> str | None:
    """The label of a network with the thesis's initial weights; None for others."""
    return VARIANT_TITLES[variant] if drawn_by == "uniform" else None


def _named_by_activation(variant: str, drawn_by: str) -> str | None:
    if (variant, drawn_by) == ("rnn_relu", "identity"):
        return _RECTIFIED
    return named_by_variant(variant, drawn_by) if variant in ("rnn_tanh", "rnn_relu") else None


def bits_of(
    best: Best,
    layers: int,
    label_of: Callable[[str, str], str | None],
    figure: Callable[[Record], float] = lambda record: record.metrics["bits"],
) -> Lines:
    """Bits, or another figure, by parameters: a line for each label of networks of some layers.

    Parameters
    ----------
    best
        See `best_networks`.
    layers
        Layers of the networks.
    label_of
        The label of a variant and an initialisation; None: not drawn.
    figure
        What is drawn.
    """
    lines: Lines = {}
    for (variant, drawn_by, own_layers, _), record in best:
        label = label_of(variant, drawn_by)
        if label is not None and own_layers == layers:
            place = record.metrics["parameters"], figure(record)
            lines.setdefault(label, []).append(place)
    return {label: sorted(lines[label]) for label in _COLOUR_OF if label in lines}


def _curves(
    measured: Sequence[ReadRecord],
    name: str,
    title_of_figure: str,
    ways: Sequence[str],
    way_of: Callable[[TaskCase], str | None],
    series: Mapping[str, str],
) -> Drawing | None:
    """Means over seeds by epoch, a column for each cell type and task, of the longest trainings."""
    groups: dict[Subject, dict[str, list[Record]]] = {}
    for _, network, record in measured:
        way = way_of(network)
        if way is not None and any(record.history.get(each) for each in series):
            subject = network.variant, name_of(network.task), network.training.epochs
            groups.setdefault(subject, {}).setdefault(way, []).append(record)
    longest = {subject[:2]: subject for subject in sorted(groups, key=lambda each: each[2])}
    if not longest:
        return None
    subjects = sorted(longest.values(), key=lambda each: (CELL_TYPES.index(each[0]), each[1]))
    height, width = 0.4 + 2.6 * len(series), 2.75 * max(2, len(subjects))
    figure, axes = panels(len(series), len(subjects), height, width)
    several = len({name for _, name, _ in subjects}) > 1
    by_panel: dict[str, Lines] = {}
    for row, (each, said) in enumerate(series.items()):
        for panel, subject in zip(axes[row], subjects, strict=True):
            variant, name_of_task, epochs = subject
            title = VARIANT_TITLES[variant] + f", {name_of_task}" * several
            found = groups[subject]
            curves = {
                way: [record.history[each] for record in found[way] if record.history.get(each)]
                for way in ways
                if way in found
            }
            lines = {way: _mean(each_seed) for way, each_seed in curves.items() if each_seed}
            for way, points in lines.items():
                draw_line(panel, way, points, _COLOURS[ways.index(way)], ".-")
            panel.set(title=title if row == 0 else "")
            ticks = range(-(-epochs // 5), epochs + 1, -(-epochs // 5))
            panel.set_xticks(ticks, [str(tick) for tick in ticks])
            if row == len(series) - 1:
                panel.set_xlabel("epoch")
            by_panel[f"{title}, {said}"] = lines
        axes[row][0].set_ylabel(said)
    figure.first = list(ways)
    return drawn(
        name,
        title_of_figure,
        f"A panel for each cell type, a line for each of {', '.join(ways)}: means over seeds.",
        figure,
        _numbers(name, by_panel),
    )


def _mean(curves: Sequence[Sequence[float]]) -> Points:
    """The mean of the networks that came to each epoch."""
    reached = [[value for value in values if value is not None] for values in zip_longest(*curves)]
    return [(epoch, fmean(values)) for epoch, values in enumerate(reached, start=1)]


def draw_line(panel: Panel, label: str, points: Points, colour: str, mark: str) -> None:
    """Draw points, which are in order, with one label."""
    across, up = zip(*points, strict=True)
    panel.plot(across, up, mark, color=colour, markersize=4, label=label)


def _numbers(name: str, shown: dict[str, Lines]) -> Table:
    return numbers(name, name.replace("-", " "), "line", "parameters or epoch", shown)


def numbers(name: str, told: str, line: str, across: str, shown: Mapping[str, Lines]) -> Table:
    """The numbers behind a figure.

    Parameters
    ----------
    name, told
        The figure's name, and what it shows.
    line, across
        Titles of the columns of labels and of x values.
    shown
        The lines of each panel.
    """
    return Table(
        f"{name}-numbers",
        f"Numbers of the figure: {told}",
        (
            Column("panel", choice=True),
            Column(line, choice=True),
            Column(across, ".0f"),
            Column("figure", ".4g"),
        ),
        [
            (panel, label, place, up)
            for panel, lines in shown.items()
            for label, points in lines.items()
            for place, up in points
        ],
    )
