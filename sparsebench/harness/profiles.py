"""How much work a run does, and under which rules."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, is_dataclass, replace
from pathlib import Path
from typing import cast

from sparsebench.harness.items import PERCENTS
from sparsebench.harness.task_profiles import QUICK, SMOKE, THESIS, TaskWork
from sparsebench.judging.item import BenchmarkItem
from sparsebench.values.checks import listed, reproducible

GRAPHS = 100
"""Networks of each family that the thesis analysed."""


@dataclass(frozen=True)
class Profile:
    """An amount of work.

    Attributes
    ----------
    often
        Whether it is run at every change: what it accepts is written so that version control shows
        what moved.
    seeds
        Seeds per item, unless the command line says otherwise.
    percents
        The pruning percentages that are measured.
    from_scratch
        Train base models anew, instead of starting from those stored with the baseline.
    timing_rounds
        Forward passes that are timed per item.
    graphs
        Randomly wired networks of each variant and family, unless the command line says otherwise.
    other_graphs
        The same of each family that the thesis does not have.
    pruned_graphs
        How many of the thesis's are pruned and trained again.
    retraining_percents, retraining_epochs
        By which percentages, and for how long.
    compared_graphs, compared_percents
        Wired networks that are compared with others of as many weights, and how much these are pruned.
    finetuning_percents, finetuning_epochs
        By which percentages base models are pruned that are then trained again, and for how long.
    claimed_finetuning
        Only those that the thesis says something of.
    threshold_epochs
        For how long models are trained again that lost the weights below a threshold.
    splits
        How often networks are split anew into those to learn from and those to predict.
    tasks
        What is done on other tasks than the thesis's.
    """

    often: bool
    seeds: int
    percents: Sequence[int]
    from_scratch: bool
    timing_rounds: int
    graphs: int
    other_graphs: int
    pruned_graphs: int
    retraining_percents: Sequence[int]
    retraining_epochs: int
    compared_graphs: int
    compared_percents: Sequence[int]
    finetuning_percents: Sequence[int]
    finetuning_epochs: int
    claimed_finetuning: bool
    threshold_epochs: int
    splits: int
    tasks: TaskWork


PROFILES = {
    "smoke": Profile(
        often=True,
        seeds=1,
        percents=(50, 90, 100),
        from_scratch=False,
        timing_rounds=3,
        graphs=1,
        other_graphs=1,
        pruned_graphs=1,
        retraining_percents=(90,),
        retraining_epochs=1,
        compared_graphs=1,
        compared_percents=(50,),
        finetuning_percents=(90,),
        finetuning_epochs=1,
        claimed_finetuning=True,
        threshold_epochs=1,
        splits=5,
        tasks=SMOKE,
    ),
    "quick": Profile(
        often=True,
        seeds=1,
        percents=PERCENTS,
        from_scratch=False,
        timing_rounds=3,
        graphs=1,
        other_graphs=1,
        pruned_graphs=1,
        retraining_percents=(50, 90),
        retraining_epochs=2,
        compared_graphs=1,
        compared_percents=(50,),
        finetuning_percents=(70, 80, 90, 100),
        finetuning_epochs=2,
        claimed_finetuning=True,
        threshold_epochs=1,
        splits=3,
        tasks=QUICK,
    ),
    "thesis": Profile(
        often=False,
        seeds=3,
        percents=PERCENTS,
        from_scratch=True,
        timing_rounds=30,
        graphs=100,
        other_graphs=10,
        pruned_graphs=5,
        retraining_percents=PERCENTS,
        retraining_epochs=10,
        compared_graphs=5,
        compared_percents=(50, 90),
        finetuning_percents=PERCENTS,
        finetuning_epochs=10,
        claimed_finetuning=False,
        threshold_epochs=12,
        splits=200,
        tasks=THESIS,
    ),
}

CLAIM_MODES = ("baseline", "strict", "off")


@dataclass(frozen=True)
class Settings:
    """What the command line and the ini file ask for, checked.

    Attributes
    ----------
    profile
        A name in `PROFILES`.
    seeds
        How many seeds are measured in each item.
    max_seeds
        How many may be measured where these decide nothing.
    first_seed
        The first seed of what the run trains. Base models that are stored with the baseline are not
        trained: of these, the first seed is 0.
    semantics
        Names in `sparsebench.values.semantics.SEMANTICS`.
    device
        `cpu` or `cuda`.
    claims
        One of `CLAIM_MODES`.
    baselines
        The folder of baselines.
    baseline
        The name of the one to judge against.
    store
        The folder where trained models are kept.
    update
        Rewrite the baseline with what this run measures: `all` of it, what is `new` to the baseline,
        or nothing if empty.
    gate
        An item that the baseline knows nothing of, or cannot decide, fails.
    artifacts
        A checkout of the thesis author's repository, or None.
    graphs
        How many graphs of every family are measured.
    threads
        Threads that train networks in this process.
    judge_speed
        What is slower than it was, or than is promised, fails.
    scheduler
        The address of the Dask scheduler whose workers train them instead; empty: none.
    texts
        Texts whose next letters are predicted, as `sparsebench.parts.texts.text_task` takes them.
    corpora
        Labelled texts that are told apart, as `sparsebench.parts.labelled_texts.corpus_task` takes
        them.
    """

    profile: str
    seeds: int
    max_seeds: int
    first_seed: int
    semantics: tuple[str, ...]
    device: str
    claims: str
    baselines: Path
    baseline: str
    store: Path
    update: str
    gate: bool
    artifacts: Path | None
    graphs: int
    threads: int
    judge_speed: bool = False
    scheduler: str = ""
    texts: tuple[str, ...] = ("declaration",)
    corpora: tuple[str, ...] = ("messages",)

    @property
    def work(self) -> Profile:
        """The amount of work that the profile's name stands for."""
        return PROFILES[self.profile]

    @property
    def baseline_path(self) -> Path:
        """The folder of the baseline."""
        return self.baselines / self.baseline

    @property
    def times(self) -> Path:
        """The folder of baselines of times, one file for each kind of machine."""
        return self.baselines / "times"

    @property
    def first_base_seed(self) -> int:
        """The first seed of base models."""
        return self.first_seed if self.work.from_scratch else 0

    @property
    def retraining_order(self) -> int | None:
        """The seed of the orders of strings when stored models are trained again, if not theirs."""
        trained_here = self.work.from_scratch or self.first_seed == 0
        return None if trained_here else self.first_seed

    @property
    def analysed(self) -> tuple[int, int]:
        """How many networks of each family are analysed, and the first one's seed.

        Unless the profile trains from scratch, they are those that are stored with the baseline.
        """
        return (self.graphs, self.first_seed) if self.work.from_scratch else (GRAPHS, 0)

    @property
    def looks(self) -> list[int]:
        """After how many seeds it is looked whether they decide: twice as many each time."""
        counts = [self.seeds]
        while counts[-1] < self.max_seeds:
            counts.append(min(2 * counts[-1], self.max_seeds))
        return counts

    def base_seeds(self, count: int) -> range:
        """So many seeds of base models."""
        return range(self.first_base_seed, self.first_base_seed + count)

    @property
    def models(self) -> Path:
        """The folder of the trained models that belong to the baseline."""
        return self.baselines / "models"

    def asked_for(
        self, items: Iterable[BenchmarkItem] | Callable[[Settings], Iterable[BenchmarkItem]]
    ) -> list[BenchmarkItem]:
        """The items of a benchmark: those of a list that this run measures, or what a function gives.

        Parameters
        ----------
        items
            What the benchmark's marker has: items, or a function from settings to them.

        Raises
        ------
        TypeError
            If it is no list, or one of a list is no item. What a function gives needs no more than an
            `id`: its benchmark may measure something by itself.
        NotReproducible
            If a function gives other items when asked again: workers of pytest-xdist would disagree.
        """
        if not callable(items):
            return self.planned(items)
        name = getattr(items, "__name__", type(items).__name__)
        return reproducible(
            f"{name}(settings) gave items of different ids for the same settings",
            lambda: [*map(_identified, listed(f"what {name}(settings) returns", items(self)))],
            lambda made: [item.id for item in made],
        )

    def planned(self, items: Iterable[BenchmarkItem]) -> list[BenchmarkItem]:
        """The items of a benchmark that this run measures.

        An item of the published semantics, the default, is measured under each of the run's; one
        that names others is measured as it is.

        Raises
        ------
        TypeError
            If they are no list, or one of them is no item.
        """
        chosen: dict[BenchmarkItem, None] = {}
        items = [item for item in map(_checked, listed("items", items)) if self._includes(item)]
        for semantics in self.semantics:
            for item in items:
                if item.semantics == "published":
                    item = replace(item, semantics=semantics)  # type: ignore[type-var]
                chosen.setdefault(item)
        return list(chosen)

    def _includes(self, item: BenchmarkItem) -> bool:
        """Whether the profile has an item, which may say so itself (`is_in`)."""
        is_in = getattr(item, "is_in", None)
        return is_in is None or bool(is_in(self.work))


def _identified(item: object) -> BenchmarkItem:
    """What an item is parametrized by: anything with an id."""
    if not isinstance(getattr(item, "id", None), str):
        raise TypeError(f"{item!r} is no item: give instances of a frozen dataclass with an id")
    return cast(BenchmarkItem, item)


def _checked(item: object) -> BenchmarkItem:
    """An item, or an error that says what makes one."""
    lacks = [name for name in ("id", "semantics", "cases") if not hasattr(item, name)]
    if lacks or not is_dataclass(item) or isinstance(item, type):
        raise TypeError(
            f"{item!r} is no item: give instances of a frozen dataclass with id, semantics and "
            f"cases(seeds){'; it lacks ' + ' and '.join(lacks) if lacks else ''}"
        )
    return cast(BenchmarkItem, item)
