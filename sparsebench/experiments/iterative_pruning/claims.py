"""Published claims about iterative magnitude pruning that apply to our networks.

Frankle and Carbin speak of feed-forward networks on images: "when randomly reinitialized, our winning
tickets no longer match the performance of the original network", and "iterative pruning finds winning
tickets that match the accuracy of the original network at smaller sizes than does one-shot pruning". Of
LSTMs on a language, among others, Yu et al. confirm that "winning ticket initializations generally
outperform parameter-matched random initializations".
None of them is about Reber strings: a claim that fails here is not refuted elsewhere.

References
----------
Frankle, J., Carbin, M. (2019). The lottery ticket hypothesis: finding sparse, trainable neural
networks. arXiv:1803.03635.
Yu, H., Edunov, S., Tian, Y., Morcos, A. S. (2020). Playing the lottery with rewards and multiple
languages: lottery tickets in RL and NLP. arXiv:1906.02768.
"""

from __future__ import annotations

from sparsebench.experiments.iterative_pruning.cases import IterativePruningCase
from sparsebench.experiments.iterative_pruning.items import IterativePruningItem
from sparsebench.judging.claims import Contrast

PUBLICATION, SOURCE = "Frankle and Carbin (2019)", "section 1"


def group_of(case: IterativePruningCase) -> tuple[str, bool]:
    """The weights that a network starts from, and whether it was pruned in more than one round."""
    return case.start, case.rounds > 1


def _seed_of(case: IterativePruningCase) -> int:
    return case.seed


def lottery_contrasts(item: IterativePruningItem) -> tuple[Contrast, ...]:
    """Rewound weights against new ones and, after the first round, several prunings against one."""
    iterated = len(item.percents) > 1
    found = [
        Contrast(
            "rewound weights do better than new random ones under the same masks",
            ("rewound", iterated),
            ("new", iterated),
            SOURCE,
            group_of,
            _seed_of,
            PUBLICATION,
        )
    ]
    if iterated:
        found.append(
            Contrast(
                "several prunings do better than one of as many weights",
                ("rewound", True),
                ("rewound", False),
                SOURCE,
                group_of,
                _seed_of,
                PUBLICATION,
            )
        )
    return tuple(found)
