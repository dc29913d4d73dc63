"""Result files of one item with made-up accuracies, for tests of commands."""

from sparsebench.experiments.pruning.items import PruningItem
from sparsebench.parts.documents import write_document
from sparsebench.parts.records import Baseline
from tests.judging.records import records

ITEM = PruningItem("gru", "both", 80)


def of_criterion(tmp_path, criterion):
    """Two files of an item whose criterion somebody called so, the second of them worse."""
    item = PruningItem("gru", "both", 80, criterion=criterion)
    paths = [tmp_path / f"{number}.json" for number in range(2)]
    for path, accuracy in zip(paths, (0.9, 0.5), strict=True):
        write_document(path, Baseline(provenances={}, records=records(item, [accuracy])))
    return [str(path) for path in paths]
