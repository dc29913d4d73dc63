"""Draw how many times as fast as a dense program sparse layers are, from the times in rivals.csv.

python -m validation.performance.measure_rivals --csv docs/figures/rivals.csv
python docs/figures/rivals.py
"""

from pathlib import Path

import matplotlib as mpl
import matplotlib.pyplot as plt
import pandas as pd

from sparsebench.experiments.engine_speed.rivals import BATCHES, COMPARED, DENSE, HIDDEN
from sparsebench.report.words import VARIANT_TITLES

HERE = Path(__file__).parent
LINES = {
    ("sparsebench", "16x1"): ("sparsebench, blocks of 16 x 1", "#0072b2", "o-"),
    ("sparsebench", "8x4"): ("sparsebench, blocks of 8 x 4", "#56b4e9", "D-"),
    ("sparsebench", "single"): ("sparsebench, single weights", "#009e73", "s-"),
    ("PyTorch CSR", "single"): ("PyTorch CSR, single weights", "#d55e00", "^--"),
    ("SciPy CSR", "single"): ("SciPy CSR, single weights", "#aa4499", "v--"),
}


def draw(times: pd.DataFrame, variant: str) -> None:
    """Write the figure of one cell type: a panel for each size and batch."""
    figure, panels = plt.subplots(
        len(BATCHES), len(HIDDEN), figsize=(12, 10), sharex=True, sharey=True, layout="constrained"
    )
    for row, batch in zip(panels, BATCHES, strict=True):
        for panel, hidden in zip(row, HIDDEN, strict=True):
            here = times[(times["hidden"] == hidden) & (times["batch"] == batch)]
            dense = here[here["program"].isin(DENSE)]["seconds"].min()
            for (program, pattern), (label, colour, form) in LINES.items():
                own = here[here["program"] == program]
                own = own[(own["pattern"] == pattern) | (own["density"] == 1)]
                own = own.sort_values("density")
                panel.plot(
                    own["density"], dense / own["seconds"], form, color=colour, markersize=4,
                    label=label,
                )  # fmt: skip
            panel.axhline(1, color="#555555", linewidth=1, linestyle=":")
            panel.set(xscale="log", yscale="log", title=f"{hidden} units, batch {batch}")
            panel.set_xticks([0.02, 0.1, 0.5, 1], ["2 %", "10 %", "50 %", "100 %"], minor=False)
            panel.set_yticks([0.1, 1, 10, 50], ["0.1", "1", "10", "50"])
            panel.minorticks_off()
            panel.grid(alpha=0.3)
    for panel in panels[-1]:
        panel.set_xlabel("weights that are left")
    for row in panels:
        row[0].set_ylabel("times as fast as dense")
    panels[0, 0].legend(loc="upper right", fontsize=7, frameon=False)
    title = f"A layer of {VARIANT_TITLES[variant]}, and the faster of PyTorch's and ONNX Runtime's"
    figure.suptitle(f"{title}, dense")
    figure.savefig(HERE / f"rivals-{variant}.svg", metadata={"Date": None})
    plt.close(figure)


def main() -> None:
    """Write rivals-gru.svg and rivals-lstm.svg beside this file."""
    mpl.rcParams.update({"svg.hashsalt": "sparsebench", "svg.fonttype": "none", "font.size": 10})
    times = pd.read_csv(HERE / "rivals.csv")
    for variant in COMPARED:
        draw(times[times["variant"] == variant], variant)


if __name__ == "__main__":
    main()
