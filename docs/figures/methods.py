"""Draw the accuracy of methods against the time of a batch, from the baseline and method_times.csv.

python -m validation.performance.measure_method_times --csv docs/figures/method_times.csv
python docs/figures/methods.py
"""

from pathlib import Path
from statistics import fmean

import matplotlib as mpl
import matplotlib.pyplot as plt
import pandas as pd

from sparsebench.experiments.methods.profiles import WORK
from sparsebench.experiments.methods.table import SMALL, Setting, figures, settings_of
from sparsebench.parts.documents import read_baseline
from sparsebench.report.words import VARIANT_TITLES
from sparsebench.values.protocol import VARIANTS
from sparsebench.values.sequence_tasks import SequentialDigits

HERE = Path(__file__).parent
BATCH = 32
THESIS = next(each for each in WORK["thesis"] if each.task == SequentialDigits("permuted"))
LINES = {
    "gradual": ("#0072b2", "o-"),
    "magnitude": ("#56b4e9", "s-"),
    "rigl": ("#009e73", "^-"),
    "snip": ("#aa4499", "v-"),
    "random": ("#888888", "x-"),
    "blocks": ("#d55e00", "D-"),
    "units": ("#e69f00", "P-"),
    SMALL: ("#000000", "o--"),
}


def draw(panel: plt.Axes, setting: Setting, times: pd.DataFrame) -> None:
    """One cell type: a line for each method, from its densest network to its sparsest."""
    seconds = times.set_index(["method", "density"])["batch_seconds"]
    for method, (colour, form) in LINES.items():
        row = setting.rows.get((method, ""), {})
        across = [1e6 * seconds[method, density] for density in sorted(row, reverse=True)]
        means = [
            100 * fmean(figures(row[density], setting.figure))
            for density in sorted(row, reverse=True)
        ]
        panel.plot(across, means, form, color=colour, markersize=5, label=method)
    dense = 100 * fmean(figures(setting.dense, setting.figure))
    for name, marker in (("dense", "*"), ("PyTorch", "X")):
        label = "dense" if name == "dense" else "dense, PyTorch"
        panel.plot(
            [1e6 * seconds[name, 1.0]], [dense], marker, color="#222222", markersize=9, label=label
        )
    panel.set(
        title=VARIANT_TITLES[setting.case.variant], xscale="log", xlabel=f"µs a batch of {BATCH}"
    )
    panel.set_xticks([30, 100, 300, 1000], ["30", "100", "300", "1,000"])
    panel.minorticks_off()
    panel.grid(alpha=0.3)


def main() -> None:
    """Write methods-by-time.svg beside this file."""
    mpl.rcParams.update({"svg.hashsalt": "sparsebench", "svg.fonttype": "none", "font.size": 10})
    times = pd.read_csv(HERE / "method_times.csv")
    records = read_baseline(HERE.parents[1] / "baselines" / "thesis").records
    settings = {
        each.case.variant: each
        for each in settings_of(records)
        if (each.case.data, each.case.training) == (THESIS.task, THESIS.training)
    }
    if lacking := set(VARIANTS) - settings.keys():
        raise SystemExit(
            f"the baseline has no methods on permuted digits of {', '.join(sorted(lacking))}: "
            "pytest benchmarks/test_methods.py --sparsebench-profile=thesis --sparsebench-update"
        )
    figure, panels = plt.subplots(1, len(VARIANTS), figsize=(15, 4.2), layout="constrained")
    for panel, variant in zip(panels, VARIANTS, strict=True):
        draw(panel, settings[variant], times[times["variant"] == variant])
    panels[0].set_ylabel("accuracy on permuted digits, %")
    panels[-1].legend(fontsize=8, loc="upper left", bbox_to_anchor=(1, 1), frameon=False)
    figure.savefig(HERE / "methods-by-time.svg", metadata={"Date": None})


if __name__ == "__main__":
    main()
