"""Weights of trained, pruned and fine-tuned networks (proposal, section 4; slides, 5.1 and 5.3)."""

from __future__ import annotations

from collections.abc import Sequence

from sparsebench.experiments.weight_distributions.table import (
    Stage,
    by_stage,
    counts_of,
    statistics_table,
)
from sparsebench.parts.distributions import BINS, EDGES, WIDTH
from sparsebench.parts.records import Record
from sparsebench.report.contents import Drawing, Missing, Section, Table
from sparsebench.report.drawing import BLUE, GREEN, VERMILION, Panel, drawn, panels, shades
from sparsebench.report.measured import Measured
from sparsebench.report.words import VARIANT_TITLES
from sparsebench.values.layout import GATE_NAMES
from sparsebench.values.protocol import CELL_TYPES, VARIANTS

_ABOUT = (
    "The proposal (section 4) and the slides (5.1 and 5.3) retrieve the distribution of weights "
    "before they prune. A network's weights are those that no mask takes away. Lines are the share "
    f"of weights in bins of {WIDTH}, over all networks together; what lies beyond "
    f"{EDGES[-1]:.1f} on either side is in the table alone."
)
_CLAIMED = "Neither text says how weights are distributed, so nothing is claimed."

_COLOURS = {"trained": BLUE, "pruned": VERMILION, "fine-tuned": GREEN}

Stages = dict[Stage, list[Record]]


def sections(measured: Measured) -> list[Section]:
    """The section of the report."""
    stages = measured.of(by_stage)
    shown = {
        stage: records for stage, records in stages.items() if stage.semantics == "published"
    } or stages
    found = [
        *(_by_stage(shown, networks) for networks in ("base models", "wired networks")),
        _by_layer(shown),
    ]
    drawings = [drawing for drawing in found if drawing is not None]
    command = "pytest benchmarks/test_weights.py --sparsebench-profile=thesis"
    missing = () if stages else (Missing("distributions of weights", command),)
    parts: list[Drawing | Table] = [*drawings, statistics_table(stages)] if stages else []
    return [
        Section("weights", "Distributions of weights", (_ABOUT, _CLAIMED), tuple(parts), missing)
    ]


def _by_stage(stages: Stages, networks: str) -> Drawing | None:
    """Before pruning, after it and after fine-tuning, for both kinds of matrices and each variant."""
    found = {stage: each for stage, each in stages.items() if stage.networks == networks}
    drawn_stages = _one_target(found)
    if not found:
        return None
    reach = 0.8 if networks == "base models" else float(EDGES[-1])  # small layers begin wider
    figure, axes = panels(2, 4, 5.2, sharex=True)
    for row, (kind, title) in enumerate((("i2h", "input to hidden"), ("h2h", "hidden to hidden"))):
        for panel, variant in zip(axes[row], VARIANTS, strict=True):
            for stage in drawn_stages:
                if stage.variant == variant:
                    _draw(panel, counts_of(found[stage], kind), reach, *_style(stage))
            panel.set_title(VARIANT_TITLES[variant])
        axes[row, 0].set_ylabel(f"{title}\nshare of weights")
    for panel in axes[-1]:
        panel.set_xlabel("weight")
    figure.first = ["trained"]
    name = networks.split()[0]
    pruned = [stage for stage in drawn_stages if stage.target]
    what = f", {pruned[0].percent} % of {pruned[0].target} pruned" if pruned else ""
    return drawn(
        f"weights-{name}",
        f"Weights of {networks}{what}",
        "One row of panels for each kind of matrix, one column for each variant, a line for each "
        "stage.",
        figure,
        None,
    )


def _one_target(stages: Stages) -> list[Stage]:
    """The trained networks, and those of the highest percentage of the first target there is."""
    pruned = [stage for stage in stages if stage.target]
    if not pruned:
        return list(stages)
    target = "both" if any(stage.target == "both" for stage in pruned) else pruned[0].target
    percent = max(stage.percent for stage in pruned if stage.target == target)
    return [
        stage
        for stage in stages
        if not stage.target or (stage.target, stage.percent) == (target, percent)
    ]


def _style(stage: Stage) -> tuple[str, str]:
    """The label and the colour of a stage."""
    name = "fine-tuned" if stage.epochs else "pruned" if stage.target else "trained"
    return name, _COLOURS[name]


def _draw(panel: Panel, counts: Sequence[float], reach: float, label: str, colour: str) -> None:
    """The share of weights in each bin, from the first bin to the last that has any, within a reach."""
    panel.set_xlim(-reach, reach)
    total = sum(counts)
    if not total:
        return
    inside = counts[1:-1]
    near = [abs(float(edge) + WIDTH / 2) < reach for edge in EDGES[:-1]]
    filled = [place for place, count in enumerate(inside) if count and near[place]]
    if not filled:
        return
    ends = max(filled[0] - 1, 0), min(filled[-1] + 2, BINS)
    chosen = [place for place in range(*ends) if near[place]]
    panel.plot(
        [float(EDGES[place]) + WIDTH / 2 for place in chosen],
        [inside[place] / total for place in chosen],
        "-",
        color=colour,
        label=label,
    )


def _by_layer(stages: Stages) -> Drawing | None:
    """The gates of trained models that have several, a line for each layer."""
    found = {
        stage.variant: records
        for stage, records in stages.items()
        if stage.networks == "base models"
        and not stage.target
        and len(GATE_NAMES[stage.variant]) > 1
    }
    if not found:
        return None
    rows = [
        (variant, kind) for variant in CELL_TYPES if variant in found for kind in ("i2h", "h2h")
    ]
    most = max(len(GATE_NAMES[variant]) for variant in found)
    figure, axes = panels(len(rows), most, 2.25 * len(rows), sharex=True)
    colours = shades(3)
    for row, (variant, kind) in enumerate(rows):
        for column, gate in enumerate(GATE_NAMES[variant]):
            panel = axes[row, column]
            for layer, colour in enumerate(colours):
                counts = counts_of(found.get(variant, []), f"layers.{layer}.{kind}.{gate}")
                _draw(panel, counts, 0.6, f"layer {layer}", colour)
            panel.set_title(f"{VARIANT_TITLES[variant]}, gate {gate}")
        axes[row, 0].set_ylabel(f"{kind}\nshare of weights")
    for panel in axes[-1]:
        panel.set_xlabel("weight")
    return drawn(
        "weights-by-layer",
        "Weights of trained gated base models, by gate and layer",
        "Two rows of panels for each variant, a column for each gate, a line for each layer.",
        figure,
        None,
    )
