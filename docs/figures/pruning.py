"""Draw the README's figure from the shipped baseline: accuracy by percentage pruned.

python docs/figures/pruning.py
"""

from pathlib import Path

import matplotlib as mpl
import matplotlib.pyplot as plt

from sparsebench.experiments.pruning.claims import PRUNING
from sparsebench.experiments.pruning.table import by_item
from sparsebench.parts.documents import read_baseline
from sparsebench.values.protocol import VARIANTS

HERE = Path(__file__).parent
TITLES = {"both": "both", "i2h": "input-to-hidden", "h2h": "hidden-to-hidden"}
COLOURS = dict(zip(VARIANTS, ("#0072b2", "#d55e00", "#009e73", "#aa4499"), strict=True))
MARKERS = dict(zip(VARIANTS, "osD^", strict=True))


def main() -> None:
    """Write pruning.svg beside this file."""
    mpl.rcParams.update({"svg.hashsalt": "sparsebench", "svg.fonttype": "none", "font.size": 10})
    results = by_item(read_baseline(HERE.parents[1] / "baselines" / "thesis").records)
    figure, panels = plt.subplots(1, 3, figsize=(11, 3.6), sharey=True, layout="constrained")
    for panel, (target, title) in zip(panels, TITLES.items(), strict=True):
        for variant in VARIANTS:
            items = sorted(
                (each.item.percent, each.accuracy, [r.metrics["accuracy"] for r in each.records])
                for each in results
                if getattr(each.item, "target", "") == target
                and (each.item.variant, each.item.semantics) == (variant, "published")
            )
            percents = [percent for percent, _, _ in items]
            colour = COLOURS[variant]
            panel.plot(
                percents, [mean for _, mean, _ in items], color=colour, marker=MARKERS[variant],
                markersize=4, label=variant,
            )  # fmt: skip
            panel.fill_between(
                percents, [min(seeds) for _, _, seeds in items],
                [max(seeds) for _, _, seeds in items], color=colour, alpha=0.12, linewidth=0,
            )  # fmt: skip
            holds = PRUNING[variant, target].holds_through
            panel.plot([holds], [0.415 - 0.012 * VARIANTS.index(variant)], color=colour,
                       marker=MARKERS[variant], markersize=5, fillstyle="none")  # fmt: skip
        panel.set(title=f"{title} pruned", xlabel="percent pruned", ylim=(0.36, 1.02))
        panel.grid(alpha=0.3)
    panels[0].set_ylabel("test accuracy")
    panels[0].annotate("thesis: holds through", (12, 0.39), fontsize=8, color="#555555")
    panels[2].legend(loc="lower left", bbox_to_anchor=(0, 0.12), frameon=False)
    figure.savefig(HERE / "pruning.svg", metadata={"Date": None})


if __name__ == "__main__":
    main()
