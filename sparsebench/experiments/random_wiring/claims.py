"""The thesis's claims about groups of randomly wired networks (section 6.3)."""

from __future__ import annotations

from sparsebench.experiments.random_wiring.cases import WiredCase
from sparsebench.experiments.random_wiring.items import GATED, PLAIN, FamiliesItem, VariantsItem
from sparsebench.judging.claims import Contrast
from sparsebench.values.graphs import PUBLISHED_FAMILIES

WIRED: dict[str, str] = {
    "rnn_tanh": "fig 6.29", "rnn_relu": "fig 6.30", "lstm": "fig 6.31", "gru": "fig 6.32"
}  # fmt: skip
"""The figure that shows a variant's accuracies by family."""


def group_of(case: WiredCase) -> tuple[str, str]:
    """A network's group in a contrast: its variant and its graph's family."""
    return case.variant, case.graph.family


def _graph_of(case: WiredCase) -> int:
    """The graph's seed, by which networks are paired: equal seeds give equal numbers of vertices."""
    return case.graph.seed


def _contrast(
    statement: str, better: tuple[str, str], worse: tuple[str, str], source: str
) -> Contrast:
    return Contrast(statement, better, worse, source, group_of, _graph_of, on_average=True)


def families_contrasts(item: FamiliesItem) -> tuple[Contrast, ...]:
    """Contrasts between the families of one of the thesis's variants, under its semantics."""
    if item.semantics != "published" or item.variant not in WIRED:
        return ()
    return (
        _contrast(
            f"{item.variant}: Watts-Strogatz above Barabási-Albert on average",
            (item.variant, "watts_strogatz"),
            (item.variant, "barabasi_albert"),
            WIRED[item.variant],
        ),
    )


def variants_contrasts(item: VariantsItem) -> tuple[Contrast, ...]:
    """Contrasts between the variants of a thesis family; none under the corrected semantics."""
    if item.semantics != "published" or item.family not in PUBLISHED_FAMILIES:
        return ()
    return tuple(
        _contrast(
            f"{item.family}: {gated} above {plain} on average",
            (gated, item.family),
            (plain, item.family),
            f"{WIRED[plain]}, {WIRED[gated]}",
        )
        for gated in GATED
        for plain in PLAIN
    )
