"""Profiles and settings: how much work a run does, and under which rules."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, is_dataclass, replace
from pathlib import Path
from typing import cast

from sparsebench.harness.items import PERCENTS
from sparsebench.harness.task_profiles import QUICK, SMOKE, THESIS, TaskWork
from sparsebench.judging.item import BenchmarkItem
from sparsebench.values.checks import listed, reproducible
from sparsebench.values.protocol import TARGETS, VARIANTS

GRAPHS = 100
"""Networks of each family that the thesis analysed."""


@dataclass(frozen=True)
class Profile:
    """An amount of work.

    Attributes
    ----------
    often
        Whether the profile is run at every change. If so, updates write the baseline such that
        version control shows what moved.
    seeds
        Seeds per item, unless the command line names another number.
    percents
        Pruning percentages, 0-100.
    other_targets_percents, other_targets_variants
        Percentages by which readout and embedding are pruned, and the variants.
    readout_percents
        Percentages by which the readout is pruned before fine-tuning.
    from_scratch
        Whether base models are trained; otherwise those stored with the baseline are used, on a CPU
        if this version of the arithmetic trained them.
    timing_rounds
        Timed forward passes per item.
    speed_variants
        Variants whose forward passes are timed with the care of a gate.
    graphs
        Randomly wired networks of each variant and thesis family, unless the command line names
        another number.
    wired_variants
        Their variants, also when they are pruned.
    other_graphs, other_variants
        Randomly wired networks of each other family, and their variants.
    pruned_graphs
        How many of the thesis's wired networks are pruned and fine-tuned.
    retraining_percents, retraining_epochs
        Percentages by which these are pruned, and epochs of fine-tuning.
    compared_graphs, compared_percents, compared_variants
        Wired networks that are compared with others of equal numbers of weights, their pruning
        percentages, and their variants.
    other_cells
        Cell types that the thesis does not have, whose base models are trained and pruned.
    other_cells_targets, other_cells_percents
        What of these is pruned, and by which percentages.
    other_cells_graphs
        Their wired networks of each family.
    finetuning_percents, finetuning_epochs
        Percentages by which base models are pruned before fine-tuning, and epochs of fine-tuning.
    described_targets, described_percents
        What is pruned where weights are described before and after it: a part of what is fine-tuned.
    claimed_finetuning
        Fine-tune only the combinations that the thesis makes a claim about.
    threshold_epochs
        Epochs of fine-tuning after the weights below a threshold were removed; 0: none are.
    splits, predicted_variants
        Random splits of the networks into training and test sets, for predicting accuracy from
        graphs, and the variants of these networks.
    tasks
        Work on tasks other than the thesis's.
    """

    often: bool
    seeds: int
    percents: Sequence[int]
    other_targets_percents: Sequence[int]
    other_targets_variants: Sequence[str]
    readout_percents: Sequence[int]
    from_scratch: bool
    timing_rounds: int
    speed_variants: Sequence[str]
    graphs: int
    wired_variants: Sequence[str]
    other_graphs: int
    other_variants: Sequence[str]
    pruned_graphs: int
    retraining_percents: Sequence[int]
    retraining_epochs: int
    compared_graphs: int
    compared_percents: Sequence[int]
    compared_variants: Sequence[str]
    other_cells: Sequence[str]
    other_cells_targets: Sequence[str]
    other_cells_percents: Sequence[int]
    other_cells_graphs: int
    finetuning_percents: Sequence[int]
    finetuning_epochs: int
    described_targets: Sequence[str]
    described_percents: Sequence[int]
    claimed_finetuning: bool
    threshold_epochs: int
    splits: int
    predicted_variants: Sequence[str]
    tasks: TaskWork


PROFILES = {
    "smoke": Profile(
        often=True,
        seeds=1,
        percents=(50, 90, 100),
        other_targets_percents=(),
        other_targets_variants=(),
        readout_percents=(),
        from_scratch=False,
        timing_rounds=1,
        speed_variants=(),
        graphs=1,
        wired_variants=("rnn_tanh",),
        other_graphs=1,
        other_variants=("rnn_tanh",),
        pruned_graphs=1,
        retraining_percents=(90,),
        retraining_epochs=1,
        compared_graphs=1,
        compared_percents=(50,),
        compared_variants=(),
        other_cells=(),
        other_cells_targets=(),
        other_cells_percents=(),
        other_cells_graphs=0,
        finetuning_percents=(90,),
        finetuning_epochs=1,
        described_targets=("both",),
        described_percents=(90,),
        claimed_finetuning=True,
        threshold_epochs=0,
        splits=2,
        predicted_variants=(),
        tasks=SMOKE,
    ),
    "quick": Profile(
        often=True,
        seeds=1,
        percents=PERCENTS,
        other_targets_percents=(50, 90),
        other_targets_variants=("gru",),
        readout_percents=(),
        from_scratch=False,
        timing_rounds=3,
        speed_variants=VARIANTS,
        graphs=1,
        wired_variants=VARIANTS,
        other_graphs=1,
        other_variants=("rnn_tanh",),
        pruned_graphs=1,
        retraining_percents=(50, 90),
        retraining_epochs=2,
        compared_graphs=1,
        compared_percents=(50,),
        compared_variants=("rnn_tanh",),
        other_cells=("mgu",),
        other_cells_targets=("both",),
        other_cells_percents=(50,),
        other_cells_graphs=0,
        finetuning_percents=(90,),
        finetuning_epochs=2,
        described_targets=("both",),
        described_percents=(90,),
        claimed_finetuning=True,
        threshold_epochs=1,
        splits=2,
        predicted_variants=("gru",),
        tasks=QUICK,
    ),
    "thesis": Profile(
        often=False,
        seeds=3,
        percents=PERCENTS,
        other_targets_percents=PERCENTS,
        other_targets_variants=VARIANTS,
        readout_percents=(50, 90, 100),
        from_scratch=True,
        timing_rounds=30,
        speed_variants=VARIANTS,
        graphs=100,
        wired_variants=VARIANTS,
        other_graphs=10,
        other_variants=VARIANTS,
        pruned_graphs=5,
        retraining_percents=PERCENTS,
        retraining_epochs=10,
        compared_graphs=5,
        compared_percents=(50, 90),
        compared_variants=VARIANTS,
        other_cells=("mgu",),
        other_cells_targets=TARGETS,
        other_cells_percents=PERCENTS,
        other_cells_graphs=10,
        finetuning_percents=PERCENTS,
        finetuning_epochs=10,
        described_targets=TARGETS,
        described_percents=(90,),
        claimed_finetuning=False,
        threshold_epochs=12,
        splits=200,
        predicted_variants=VARIANTS,
        tasks=THESIS,
    ),
}

CLAIM_MODES = ("baseline", "strict", "off")


@dataclass(frozen=True)
class Settings:
    """Checked settings from the command line and the ini file.

    Attributes
    ----------
    profile
        A name in `PROFILES`.
    seeds
        Seeds measured in each item.
    max_seeds
        Seeds measured at most, where fewer decide nothing.
    first_seed
        First seed of the networks that the run trains. Base models that are stored with the
        baseline always start at seed 0.
    semantics
        Names in `sparsebench.values.semantics.SEMANTICS`.
    device
        `cpu` or `cuda`.
    claims
        One of `CLAIM_MODES`.
    baselines
        The folder of baselines.
    baseline
        The name of the baseline to judge against.
    store
        The folder in which trained models are cached.
    update
        `all`: rewrite the baseline with everything that this run measures. `new`: add what the
        baseline lacks. Empty: leave it unchanged.
    gate
        Fail an item that has no record in the baseline, or whose comparison is undecided.
    artifacts
        A checkout of the thesis author's repository, or None.
    graphs
        Graphs of each family.
    threads
        Threads that train networks in this process.
    judge_speed
        Fail if something is slower than in the baseline, or than promised.
    scheduler
        The address of a Dask scheduler whose workers train instead; empty: none.
    texts
        Texts whose next letters are predicted, as `sparsebench.parts.texts.text_task` takes them.
    corpora
        Labelled texts to classify, as `sparsebench.parts.labelled_texts.corpus_task` takes them.
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
        """The profile that the name stands for."""
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
        """The seed of the orders of strings when stored models are fine-tuned; None: each its own."""
        trained_here = self.work.from_scratch or self.first_seed == 0
        return None if trained_here else self.first_seed

    @property
    def analysed(self) -> tuple[int, int]:
        """Number of networks of each family that are analysed, and the first seed.

        Unless the profile trains from scratch, they are those stored with the baseline.
        """
        return (self.graphs, self.first_seed) if self.work.from_scratch else (GRAPHS, 0)

    @property
    def looks(self) -> list[int]:
        """Numbers of seeds at which claims are judged: the number doubles each time."""
        counts = [self.seeds]
        while counts[-1] < self.max_seeds:
            counts.append(min(2 * counts[-1], self.max_seeds))
        return counts

    def base_seeds(self, count: int) -> range:
        """The seeds of `count` base models."""
        return range(self.first_base_seed, self.first_base_seed + count)

    @property
    def models(self) -> Path:
        """The folder of the trained models that belong to the baseline."""
        return self.baselines / "models"

    def asked_for(
        self, items: Iterable[BenchmarkItem] | Callable[[Settings], Iterable[BenchmarkItem]]
    ) -> list[BenchmarkItem]:
        """The items of a benchmark that this run measures, from a list or from a function.

        Parameters
        ----------
        items
            The argument of the benchmark's marker: items, or a function from settings to items.

        Raises
        ------
        TypeError
            If it is not a list, or a list has something that is not an item. What a function
            returns needs only an `id`, because its benchmark may measure something by itself.
        ValueError
            If two different items have the same id.
        NotReproducible
            If a second call of the function returns other items: workers of pytest-xdist would
            disagree.
        """
        if not callable(items):
            return _told_apart(self.planned(items))
        name = getattr(items, "__name__", type(items).__name__)
        found = reproducible(
            f"{name}(settings) returned items of different ids for the same settings",
            lambda: [*map(_identified, listed(f"what {name}(settings) returns", items(self)))],
            lambda made: [item.id for item in made],
        )
        return _told_apart(found)

    def planned(self, items: Iterable[BenchmarkItem]) -> list[BenchmarkItem]:
        """The items of a benchmark that this run measures.

        An item of the published semantics, the default, is measured under each semantics of the
        run. An item that names other semantics is measured as it is.

        Raises
        ------
        TypeError
            If they are not a list, or one of them is not an item.
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
        """Whether the profile includes an item, which may decide this itself (`is_in`)."""
        is_in = getattr(item, "is_in", None)
        return is_in is None or bool(is_in(self.work))


def _told_apart(items: list[BenchmarkItem]) -> list[BenchmarkItem]:
    """Refuse different items with one id, by which they would be selected and reported together."""
    known: dict[str, BenchmarkItem] = {}
    for item in items:
        if known.setdefault(item.id, item) != item:
            raise ValueError(
                f"two different items are called {item.id!r}: give each a name of its own, such as "
                "name= of own_data and NAME=PATH of texts"
            )
    return items


def _identified(item: object) -> BenchmarkItem:
    """Check an object that parametrizes a benchmark: it needs an id."""
    if not isinstance(getattr(item, "id", None), str):
        raise TypeError(f"{item!r} is not an item: give instances of a frozen dataclass with an id")
    return cast(BenchmarkItem, item)


def _checked(item: object) -> BenchmarkItem:
    """Check an item; the error says what makes one."""
    lacks = [name for name in ("id", "semantics", "cases") if not hasattr(item, name)]
    if lacks or not is_dataclass(item) or isinstance(item, type):
        raise TypeError(
            f"{item!r} is not an item: give instances of a frozen dataclass with id, semantics and "
            f"cases(seeds){'; it lacks ' + ' and '.join(lacks) if lacks else ''}"
        )
    return cast(BenchmarkItem, item)
