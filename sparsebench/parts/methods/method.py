"""A method of making a network sparse, as a value: criterion, allocation, pattern and schedule."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields, is_dataclass

import numpy as np

from sparsebench.parts.methods.allocations import Allocation, Global
from sparsebench.parts.methods.context import Context
from sparsebench.parts.methods.criteria import Criterion, Magnitude, Scores, reproducible_scores
from sparsebench.parts.methods.patterns import Pattern, Unstructured
from sparsebench.parts.methods.schedules import AfterTraining, Schedule
from sparsebench.values.checks import instance_of, refusal
from sparsebench.values.kinds import kind, kind_of
from sparsebench.values.masks import Masks


@kind("Method")
@dataclass(frozen=True)
class Method:
    """A method of making a network sparse.

    Attributes
    ----------
    criterion
        Which weights are worth least.
    allocation
        How the density is divided among matrices or gates.
    pattern
        Which sets of weights may be kept.
    schedule
        When the masks change, and what happens to the weights then.

    Raises
    ------
    TypeError, ValueError
        If a part is not derived from its base class, or has no kind; or if two parts do not go
        together, with what to choose instead.
    """

    criterion: Criterion = Magnitude()
    allocation: Allocation = Global()
    pattern: Pattern = Unstructured()
    schedule: Schedule = AfterTraining()

    def __post_init__(self) -> None:
        for name, base in _PARTS.items():
            part = getattr(self, name)
            instance_of(name, part, base)
            kind_of(type(part))
        if self.schedule.moves_single_weights and self.pattern != Unstructured():
            raise ValueError(
                f"schedule {self.schedule} moves single weights, whatever pattern {self.pattern} asks "
                "for: choose the pattern Unstructured()"
            )
        if self.schedule.compares_scores and not self.criterion.of_weights_alone:
            raise ValueError(
                f"schedule {self.schedule} compares scores of two steps, and those of {self.criterion} "
                "follow from more than the weights: choose the criterion Magnitude()"
            )
        if self.schedule.before_training and self.criterion.follows_movement:
            raise ValueError(
                f"schedule {self.schedule} removes weights before training has moved any, and "
                f"{self.criterion} follows them: choose another schedule, such as AfterTraining()"
            )

    @property
    def follows_movement(self) -> bool:
        """Whether one of its parts asks for the weights' movements, which training then follows."""
        return any(getattr(part, "follows_movement", False) for part in parts_of(self))

    @property
    def takes_gradient(self) -> bool:
        """Whether one of its parts asks for gradients by all weights."""
        return any(getattr(part, "takes_gradient", False) for part in parts_of(self))

    def fits(self, variant: str) -> bool:
        """Whether networks of a cell type can be made sparse by it."""
        return self.allocation.fits(variant)

    def scores(self, context: Context) -> Scores:
        """The criterion's scores, checked.

        Raises
        ------
        TypeError, ValueError
            If an array is missing, has another shape, or is not finite where the network has weights;
            or if a second call gives other scores.
        """
        return reproducible_scores("criterion", self.criterion, context)

    def masks(self, context: Context) -> dict[str, np.ndarray]:
        """Masks of `context.density`, of weights that the network has now.

        Raises
        ------
        TypeError, ValueError
            If scores, regions or masks are not what they should be: the message names the part. The
            number of weights kept must be that of the density, but for what the pattern rounds.
        """
        scores = self.scores(context)
        masks = {name: np.zeros(mask.shape, np.bool_) for name, mask in context.masks.items()}
        for region in self.allocation.regions(context):
            chosen = self.pattern.choose(scores, region, context)
            check_masks(f"pattern {self.pattern}", chosen, context, region.places)
            for name in region.places:
                masks[name] |= chosen[name]
        for name, mask in masks.items():
            if (mask & ~context.masks[name]).any():
                raise refusal(
                    ValueError(
                        f"pattern {self.pattern} keeps weights of {name} that the network does not "
                        "have: choose among context.masks"
                    )
                )
        check_density(self, masks, context)
        return masks


_PARTS: dict[str, type] = {
    "criterion": Criterion,
    "allocation": Allocation,
    "pattern": Pattern,
    "schedule": Schedule,
}


def check_density(method: Method, masks: Masks, context: Context) -> None:
    """Refuse masks that keep another share than `context.density`, but for what the pattern rounds."""
    kept = sum(int(masks[name].sum()) for name in context.names)
    asked = round(context.density * context.total)
    regions = len(method.allocation.regions(context))
    if abs(kept - asked) > method.pattern.rounding(context) * regions:
        raise refusal(
            ValueError(
                f"{method} keeps {kept} of {context.total} weights: a density of "
                f"{context.density:g} asks for {asked}"
            )
        )


def check_masks(
    origin: str, masks: Masks, context: Context, names: Iterable[str] | None = None
) -> None:
    """Refuse masks that are not boolean arrays of the shapes of the arrays to be made sparse."""
    for name in context.names if names is None else names:
        mask, shape = masks.get(name), context.weights[name].shape
        if not isinstance(mask, np.ndarray) or mask.dtype != np.bool_ or mask.shape != shape:
            received = f"{mask.dtype} {mask.shape}" if isinstance(mask, np.ndarray) else repr(mask)
            raise refusal(
                TypeError(f"{origin} gave {received} for {name}: give a boolean array {shape}")
            )


def parts_of(method: Method) -> list[object]:
    """The parts of a method, with the parts that these have, such as a schedule's criterion."""
    found: list[object] = []
    waiting: list[object] = [getattr(method, name) for name in _PARTS]
    while waiting:
        part = waiting.pop(0)
        found.append(part)
        waiting += [
            getattr(part, field.name)
            for field in fields(part)  # type: ignore[arg-type]
            if is_dataclass(getattr(part, field.name))
        ]
    return found
