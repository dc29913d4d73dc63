"""What was published about methods, and applies to ours at equal density and equal training.

Tasks and sizes differ from the papers': what is judged is the order of two groups of networks, pair by
pair of seeds, not their figures. A claim that fails here is not refuted elsewhere.

References
----------
Evci, U., Gale, T., Menick, J., Castro, P. S., Elsen, E. (2020). Rigging the lottery: making all tickets
winners. arXiv:1911.11134.
Kalchbrenner, N. et al. (2018). Efficient neural audio synthesis. arXiv:1802.08435.
Liu, S., Mocanu, D. C., Pei, Y., Pechenizkiy, M. (2021). Selfish sparse RNN training. arXiv:2101.09048.
Mocanu, D. C. et al. (2018). Scalable training of artificial neural networks with adaptive sparse
connectivity inspired by network science. arXiv:1707.04780.
Zhang, S., Stadie, B. C. (2019). One-shot pruning of recurrent neural networks by Jacobian spectrum
evaluation. arXiv:1912.00120.
Zhu, M., Gupta, S. (2017). To prune, or not to prune: exploring the efficacy of pruning for model
compression. arXiv:1710.01878.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sparsebench.experiments.methods.items import EQUAL_GATES, MethodItem
from sparsebench.judging.claims import Contrast, judge_contrast
from sparsebench.parts.methods.named import METHODS
from sparsebench.parts.records import Record, Verdict
from sparsebench.values.identity import seedless

Published = tuple[str, str, str, str]
"""A statement, the group that does worse, the publication, and the place in it."""

_GATES: Published = (
    "gates of unequal densities do better than equal ones",
    EQUAL_GATES,
    "sparsebench",
    "validation part of digits in permuted order, 5 % kept: validation.statistics.measure_gates",
)

PUBLISHED: dict[str, Published] = {
    "gradual": (
        "a large sparse network does better than a small dense one of as many recurrent weights",
        "small",
        "Zhu and Gupta (2017)",
        "stacked LSTM on the Penn Treebank",
    ),
    "blocks": (
        "a large network of blocks does better than a small dense one of as many recurrent weights",
        "small",
        "Kalchbrenner et al. (2018)",
        "WaveRNN, block-sparse",
    ),
    "jacobian": (
        "masks chosen by the Jacobian do better than random ones",
        "random",
        "Zhang and Stadie (2019)",
        "table 1: error at 5 % kept, RNN 7.6 % against 9.5 %, LSTM 1.7 % against 2.2 %",
    ),
    "set": (
        "weights that move do better than random ones that stay",
        "random",
        "Mocanu et al. (2018)",
        "networks of fixed connectivity",
    ),
    "rigl": (
        "weights that move do better than random ones that stay",
        "random",
        "Evci et al. (2020)",
        "character-level language model",
    ),
    "selfish": (
        "weights that move between gates do better than random ones that stay",
        "random",
        "Liu et al. (2021)",
        "table 1, stacked LSTM",
    ),
    "gates_gru": _GATES,
    "gates_lstm": _GATES,
}
"""By method."""

EQUAL = {"jacobian": ("gru",)}
"""By method, cell types of which the publication shows no difference: GRU errs by 1.50 % with masks by
the Jacobian, by 1.46 % with random ones."""

LARGEST = 0.2
"""Density up to which claims are judged: papers speak of 80 to 98 % of the weights removed."""


def judge_methods(
    item: MethodItem, records: Sequence[Record], confidence: float
) -> Iterator[Verdict]:
    """Judge the claim about a method, if its control was measured and the task has classes."""
    contrast = _contrast(item)
    if contrast is None or not all("accuracy" in record.metrics for record in records):
        return
    verdict = judge_contrast(item.id, contrast, records, confidence)
    if verdict is not None:
        yield verdict


def _contrast(item: MethodItem) -> Contrast | None:
    if item.name not in PUBLISHED or METHODS[item.name] != item.method:
        return None
    if item.variant in EQUAL.get(item.name, ()):
        return None
    statement, worse, publication, source = PUBLISHED[item.name]
    if worse not in item.controls or item.density > LARGEST:
        return None
    groups = {
        case: control or "method"
        for control, found in item.groups([0]).items()
        for case in map(seedless, found)
    }
    return Contrast(
        statement,
        "method",
        worse,
        source,
        lambda case: groups.get(seedless(case)),
        lambda case: case.seed,
        publication,
    )
