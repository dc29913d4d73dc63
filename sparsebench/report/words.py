"""Names of variants, targets and families in the report."""

from __future__ import annotations

from collections.abc import Mapping

from sparsebench.report.markdown import Bold
from sparsebench.report.plain_text import plain

VARIANT_TITLES: Mapping[str, str] = {
    "rnn_tanh": "RNN-Tanh",
    "rnn_relu": "RNN-ReLU",
    "lstm": "LSTM",
    "gru": "GRU",
    "mgu": "MGU",
}

TARGET_TITLES: Mapping[str, str] = {
    "both": "both pruned",
    "i2h": "input-to-hidden pruned",
    "h2h": "hidden-to-hidden pruned",
}
"""In the order of the thesis's section 6.2."""

OTHER_TARGET_TITLES: Mapping[str, str] = {
    "readout": "readout pruned",
    "embedding": "embedding pruned",
}
"""Targets besides recurrent weights."""

FAMILY_TITLES: Mapping[str, str] = {
    "watts_strogatz": "Watts-Strogatz",
    "barabasi_albert": "Barabási-Albert",
    "kleinberg": "Kleinberg",
    "erdos_renyi": "Erdős-Rényi",
    "layered": "layered",
}

WORDS: Mapping[str, str] = {"pass": "holds", "fail": Bold("contradicted"), "inconclusive": "open"}
"""Verdicts as Markdown tables show them."""

VERDICTS: Mapping[str, str] = {name: str(word) for name, word in WORDS.items()}
"""Verdicts in words; `NOT_MEASURED` if nothing was measured."""

NOT_MEASURED = "not measured"


def family_title(family: str, order: str | None = None) -> str:
    """A family of graphs, and what directs its edges if not node order."""
    title = FAMILY_TITLES.get(family) or plain(family, 40)
    return f"{title}, edges by {plain(order, 40)}" if order else title


def by_criterion(criterion: str) -> str:
    """The criterion of a pruning in words; empty for the thesis's."""
    return "" if criterion == "magnitude" else f" by {criterion}"


def interval_text(interval: tuple[float, float] | None, form: str = ".3f") -> str:
    """An interval from its lower to its upper bound; empty for None."""
    return f"{interval[0]:{form}} to {interval[1]:{form}}" if interval else ""
