"""What methods without recurrence reach on each task: above them, a network shows memory."""

import pytest

from sparsebench import ReberStrings, corpus_task, floor_items, text_task
from sparsebench.parts.tasks import is_available
from sparsebench.values.tasks import GRAMMARS, NextLetters, RandomFunction, Recall


def tasks(settings):
    work = settings.work.tasks
    points = filter(None, (work.function_samples, work.few_points))
    ours = [
        ReberStrings(),
        ReberStrings(negatives="author_like"),
        *map(NextLetters, GRAMMARS),
        Recall(),
        *(RandomFunction(samples=each, judged=min(each, 16_384)) for each in dict.fromkeys(points)),
        *(each.task for each in work.sequences if is_available(each.task)),
    ]
    texts = [*map(text_task, settings.texts), *map(corpus_task, settings.corpora)]
    return settings.planned(floor_items([*ours, *texts]))


@pytest.mark.sparsebench(items=tasks)
def test_floors(item, sparsebench):
    sparsebench.judge(sparsebench.measure(item))
