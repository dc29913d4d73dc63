"""Methods by density: what tables, sections and pages of this experiment show."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from statistics import fmean

from sparsebench.experiments.capacity.cases import TaskCase
from sparsebench.experiments.methods.cases import MaskControlCase, MethodCase, units_of_small
from sparsebench.judging.intervals import mean_interval
from sparsebench.parts.methods.named import title_of
from sparsebench.parts.records import Record
from sparsebench.parts.tasks import name_of
from sparsebench.report.words import interval_text
from sparsebench.values.identity import Case, digest, seedless

SMALL, RANDOM = "small dense", "random"
"""Small networks; and what the name of random masks begins with, of another allocation or pattern."""
FIGURES = {"accuracy": "accuracy", "letters_right": "share of letters right", "loss": "loss"}
"""What tasks are judged by, and its name in words; every record has a loss."""
CONTROL_TITLES = {
    "same": "same masks",
    "shuffled": "shuffled masks",
    "new_weights": "masks on new weights",
}

Row = tuple[str, str]
"""A method, and the control of it; an empty control is the method itself."""


@dataclass(eq=False)
class Setting:
    """What was measured of one cell type on one task, with one size and training.

    Attributes
    ----------
    case
        The case of a dense network.
    dense
        Records of the dense network, by seed.
    rows
        Records by seed, of each method or control, by density.
    alike
        Whether another setting has the same task, cell type, size and epochs.
    """

    case: MethodCase
    dense: dict[int, Record] = field(default_factory=dict)
    rows: dict[Row, dict[float, dict[int, Record]]] = field(default_factory=dict)
    alike: bool = False

    @property
    def title(self) -> str:
        """Task, cell type, size and training; more of it if another setting is alike.

        Of a trained network of somebody's own, its name instead of its size.
        """
        base = self.case.base
        training = self.case.training
        more = (
            f", batches of {training.batch_size}, rate {training.learning_rate:g}, "
            f"case {digest(seedless(base))[:6]}"
        )
        layers = f"{base.layers} x " if getattr(base, "layers", 1) != 1 else ""  # type: ignore[attr-defined]
        task, size = (
            name_of(self.case.data),
            f" of {layers}{getattr(base, 'hidden_size', '')} units",
        )
        if name := getattr(base, "name", ""):  # a trained network of somebody's own
            task, size = f"{name} on {task}", ""
        target = "" if self.case.target == "both" else f", {self.case.target} alone"
        return (
            f"{task}, {self.case.variant}{size}, "
            f"{training.epochs} epochs{target}{more if self.alike else ''}"
        )

    @cached_property
    def base(self) -> object:
        """The dense network, without its seed."""
        return seedless(self.case.base)

    @property
    def densities(self) -> list[float]:
        """All densities, the highest first."""
        return sorted({density for row in self.rows.values() for density in row}, reverse=True)

    @cached_property
    def small_units(self) -> dict[float, int]:
        """Units of a small dense network with as many weights, by density; empty if its size is given.

        Ask when all sparse networks have been placed.
        """
        if not isinstance(self.case.base, TaskCase) or self.case.base.hidden_size is None:
            return {}
        return {
            density: units_of_small(replace(self.case, density=density))
            for density in self.densities
            if density < 1
        }

    @cached_property
    def figure(self) -> str:
        """The figure that the task is judged by: the first of `FIGURES` that all records have.

        Ask when all records have been placed.
        """
        found = [
            *self.dense.values(),
            *(r for row in self.rows.values() for d in row.values() for r in d.values()),
        ]
        return next(name for name in FIGURES if all(name in record.metrics for record in found))

    @property
    def sign(self) -> int:
        """1 if high figures are good, -1 if low ones are."""
        return -1 if self.figure == "loss" else 1


def settings_of(records: Iterable[Record]) -> list[Setting]:
    """Group the records of this experiment; others are left out."""
    found = _Settings()
    dense: list[tuple[MethodCase, Record]] = []
    for record in records:
        if record.experiment not in ("method", "mask_control"):
            continue
        case = record.restored
        control = case.control if isinstance(case, MaskControlCase) else ""
        method = case.network if isinstance(case, MaskControlCase) else case
        if method.density == 1 and not control:
            dense.append((method, record))
            continue
        setting = found.of(method)
        by_density = setting.rows.setdefault((title_of(method.method), control), {})
        by_density.setdefault(method.density, {})[case.seed] = record
    for case, record in dense:
        _place_dense(case, record, found)
    settings = list(found.settings.values())
    titles = Counter(setting.title for setting in settings)
    for setting in settings:
        setting.alike = titles[setting.title] > 1
    return settings


def is_method(title: str, control: str) -> bool:
    """Whether a row is a method, not a control: its masks, random masks, or a small dense network."""
    return not control and title != SMALL and not title.startswith(f"{RANDOM} ")


def with_several_seeds(settings: Iterable[Setting]) -> list[Setting]:
    """The settings in which some method has more than one seed; all of them if there is none.

    Those of quick runs, which have a few methods of one seed each, would leave hardly a method that is
    measured everywhere.
    """
    every = list(settings)
    several = [
        each
        for each in every
        if any(
            len(records) > 1
            for (name, _), row in each.rows.items()
            if name != SMALL  # it may be another setting's too
            for records in row.values()
        )
    ]
    return several or every


class _Settings:
    """Settings, each found again by its cases."""

    def __init__(self) -> None:
        self.settings: dict[tuple[str, str], Setting] = {}
        self._digests: dict[int, tuple[object, str]] = {}

    def of(self, case: MethodCase) -> Setting:
        """The setting of a case, a new one for the first of its kind."""
        return self.settings.setdefault((self._seedless(case.base), case.target), Setting(case))

    def _seedless(self, base: Case) -> str:
        """A digest of a base without its seed, made once for all cases that share the base."""
        known, found = self._digests.get(id(base), (None, ""))
        if known is not base:
            found = digest(seedless(base))
            self._digests[id(base)] = base, found
        return found


def _place_dense(case: MethodCase, record: Record, found: _Settings) -> None:
    """Put a dense network where it belongs: beside networks of its size, or of as many weights."""
    placed, base = False, seedless(case.base)
    for setting in found.settings.values():
        if setting.base == base:
            setting.dense[case.seed] = record
            placed = True
        for density in _densities_as_small(case, setting):
            setting.rows.setdefault((SMALL, ""), {}).setdefault(density, {})[case.seed] = record
            placed = True
    if not placed:
        found.of(case).dense[case.seed] = record


def _densities_as_small(case: MethodCase, setting: Setting) -> list[float]:
    """At which densities a dense network is the small one that a setting's are compared with."""
    base, other = case.base, setting.case.base
    if not isinstance(base, TaskCase) or not isinstance(other, TaskCase):
        return []
    densities = [
        density for density, units in setting.small_units.items() if units == base.hidden_size
    ]
    alike = densities and replace(other, hidden_size=base.hidden_size, seed=base.seed) == base
    return densities if alike else []


def figures(records: dict[int, Record], name: str) -> list[float]:
    """A figure of each record."""
    return [record.metrics[name] for record in records.values()]


def mean_text(values: Sequence[float], figure: str, signed: bool = False) -> str:
    """The mean of a figure with its 95 % interval: a loss in nats, others in percent.

    Parameters
    ----------
    values
        By seed; without any, the text is empty.
    figure
        One of `FIGURES`.
    signed
        Whether values are differences, which are shown with their sign.
    """
    if not values:
        return ""
    forms = {False: (".4g", ".1f"), True: ("+.3f", "+.1f")}[signed]
    scale, form = (1.0, forms[0]) if figure == "loss" else (100.0, forms[1])
    scaled = [scale * value for value in values]
    bounds = interval_text(mean_interval(scaled), form)
    return f"{fmean(scaled):{form}}" + (f" ({bounds})" if bounds else "")


def in_order(setting: Setting) -> Sequence[Row]:
    """Methods first, in order of their names in `METHODS`, then controls, then small networks."""
    controls = ["", *CONTROL_TITLES]
    return sorted(
        setting.rows,
        key=lambda row: (row[0] == SMALL, row[1] != "", _place(row[0]), controls.index(row[1])),
    )


def _place(title: str) -> tuple[int, str]:
    from sparsebench.parts.methods.named import METHODS

    names = [*METHODS]
    return (names.index(title) if title in names else len(names)), title


def kept(density: float) -> str:
    """A density as tables and figures say it."""
    return f"{100 * density:g} % kept"
