"""Methods by density: what tables, sections and pages of this experiment show."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from sparsebench.experiments.methods.cases import MaskControlCase, MethodCase
from sparsebench.parts.methods.named import title_of
from sparsebench.parts.records import Record
from sparsebench.parts.tasks import name_of
from sparsebench.values.identity import digest, restore, seedless

SMALL = "small dense"
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
    """

    case: MethodCase
    dense: dict[int, Record] = field(default_factory=dict)
    rows: dict[Row, dict[float, dict[int, Record]]] = field(default_factory=dict)

    @property
    def title(self) -> str:
        """Task, cell type, size and training."""
        base = self.case.base
        layers = f"{base.layers} x " if getattr(base, "layers", 1) != 1 else ""  # type: ignore[attr-defined]
        units = getattr(base, "hidden_size", "")
        return (
            f"{name_of(self.case.data)}, {self.case.variant} of {layers}{units} units, "
            f"{self.case.training.epochs} epochs"
        )

    @property
    def densities(self) -> list[float]:
        """All densities, the highest first."""
        return sorted({density for row in self.rows.values() for density in row}, reverse=True)

    @property
    def figure(self) -> str:
        """The figure that the task is judged by: `accuracy`, `letters_right` or `loss`."""
        found = [
            *self.dense.values(),
            *(r for row in self.rows.values() for d in row.values() for r in d.values()),
        ]
        names = found[0].metrics if found else {}
        return next((name for name in ("accuracy", "letters_right") if name in names), "loss")


def settings_of(records: Iterable[Record]) -> list[Setting]:
    """Group the records of this experiment; others are left out."""
    found: dict[str, Setting] = {}
    dense: list[tuple[MethodCase, Record]] = []
    for record in records:
        if record.experiment not in ("method", "mask_control"):
            continue
        case = restore(record.case)
        control = case.control if isinstance(case, MaskControlCase) else ""
        method = case.network if isinstance(case, MaskControlCase) else case
        if method.density == 1:
            dense.append((method, record))
            continue
        setting = _setting(method, found)
        by_density = setting.rows.setdefault((title_of(method.method), control), {})
        by_density.setdefault(method.density, {})[case.seed] = record
    for case, record in dense:
        _place_dense(case, record, found)
    return list(found.values())


def _setting(case: MethodCase, found: dict[str, Setting]) -> Setting:
    return found.setdefault(f"{digest(seedless(case.base))} {case.target}", Setting(case))


def _place_dense(case: MethodCase, record: Record, found: dict[str, Setting]) -> None:
    """Put a dense network where it belongs: beside networks of its size, or of as many weights."""
    own = digest(seedless(case.base))
    for key, setting in found.items():
        if key.startswith(own):
            setting.dense[case.seed] = record
            return
    for setting in found.values():
        other = setting.case.base
        alike = (other.variant, other.data, other.training) == (
            case.variant,
            case.data,
            case.training,
        )
        for density in setting.densities if alike else ():
            kept = _kept(setting, density)
            if kept and abs(record.metrics["kept"] - kept) <= _SPAN * kept:
                setting.rows.setdefault((SMALL, ""), {}).setdefault(density, {})[case.seed] = record


_SPAN = 0.5
"""By what share a small network's number of weights may differ from that of the pruned ones: one unit
more or less is a third of a network of four."""


def _kept(setting: Setting, density: float) -> float | None:
    for row in setting.rows.values():
        for record in row.get(density, {}).values():
            return record.metrics["kept"]
    return None


def figures(records: dict[int, Record], name: str) -> list[float]:
    """A figure of each record."""
    return [record.metrics[name] for record in records.values()]


def in_order(setting: Setting) -> Sequence[Row]:
    """Methods first, in order of their names in `METHODS`, then controls."""
    return sorted(setting.rows, key=lambda row: (row[0] == SMALL, row[1] != "", _place(row[0])))


def _place(title: str) -> tuple[int, str]:
    from sparsebench.parts.methods.named import METHODS

    names = [*METHODS]
    return (names.index(title) if title in names else len(names)), title
