"""Checks of arguments; the errors say what was received, what is allowed and what to do."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from numbers import Real
from typing import TypeVar

T = TypeVar("T")
E = TypeVar("E", bound=Exception)


LARGEST_SEED = 2**53 - 1
"""The largest whole number that every reader of JSON files holds exactly."""

LEAST_DENSITY = 0.001
"""The smallest share of weights that a network may keep."""

MOST_SEEDS, MOST_GRAPHS = 1000, 10_000
"""Limits for an item's seeds and a family's graphs: with more, a run would collect for minutes."""


class NotReproducible(ValueError):
    """A function gave two results for the same arguments, and must follow from these alone."""


def refusal(error: E) -> E:
    """Mark an error that refuses what a project's own function gave; its message says all of it.

    The plugin shows no frames of this package for such an error (`is_refusal`).
    """
    error._sparsebench_refusal = True  # type: ignore[attr-defined]
    return error


def is_refusal(error: BaseException) -> bool:
    """Whether an error was marked by `refusal`, here or in another process."""
    return getattr(error, "_sparsebench_refusal", False)


def one_of(what: str, received: object, allowed: Iterable[str]) -> None:
    """Refuse a name that is not allowed.

    Parameters
    ----------
    what
        The field's name, as the user wrote or would write it.
    received
        The value to check.
    allowed
        The valid names, in the order in which the error lists them.

    Raises
    ------
    ValueError
        If `received` is not in `allowed`.
    """
    names = tuple(allowed)
    if received not in names:
        raise ValueError(f"unknown {what} {received!r}: choose one of {', '.join(names)}")


def listed(what: str, received: Iterable[T]) -> tuple[T, ...]:
    """Return the elements of a list or other iterable as a tuple; refuse a single text or number.

    Parameters
    ----------
    what
        The argument's name, as the user wrote or would write it.
    received
        The value to check. An iterator is consumed; the returned tuple can be read again.

    Raises
    ------
    TypeError
        If it is a text, or cannot be iterated over.
    """
    if isinstance(received, str | bytes) or not isinstance(received, Iterable):
        plain = isinstance(received, str | int)
        value = repr(received) if plain or received is None else f"a {type(received).__name__}"
        example = f", such as [{value}]" if plain else ""
        raise TypeError(f"{what} is {value}: give a list{example}")
    return tuple(received)


def whole_number(what: str, received: object, low: int, high: int | None = None) -> None:
    """Refuse anything but an integer within bounds, both inclusive; `high=None` sets no bound.

    Raises
    ------
    TypeError
        If `received` is not an `int` (a `bool` is not a number here).
    ValueError
        If `received` lies outside the bounds.
    """
    if isinstance(received, bool) or not isinstance(received, int):
        raise TypeError(
            f"{what} is {received!r} ({type(received).__name__}): give a whole number, an int"
        )
    if received < low or (high is not None and received > high):
        bounds = f"of at least {low}" if high is None else f"from {low} to {high}"
        raise ValueError(f"{what} is {received}: give a whole number {bounds}")


def graphs_in_reason(received: int, low: int = 1) -> None:
    """Refuse a number of graphs per family that is out of bounds.

    Raises
    ------
    TypeError, ValueError
        As `whole_number`.
    """
    whole_number("graphs", received, low)
    if received > MOST_GRAPHS:
        raise ValueError(
            f"graphs is {received}: give {MOST_GRAPHS} at most, for with more a run would collect for "
            "minutes; another run can go on from the last seed"
        )


def density_in_reason(received: object) -> None:
    """Refuse what is no share of weights that a network may keep.

    Raises
    ------
    TypeError
        If it is no number (a `bool` is none here).
    ValueError
        If it is below `LEAST_DENSITY` or above 1.
    """
    if isinstance(received, bool) or not isinstance(received, Real):
        raise TypeError(f"density is {received!r} ({type(received).__name__}): give a number")
    if not LEAST_DENSITY <= float(received) <= 1:
        raise ValueError(
            f"density is {received}: give the share of weights to keep, {LEAST_DENSITY} to 1"
        )


def positive(what: str, received: float) -> None:
    """Refuse a number that is not finite and above zero.

    Raises
    ------
    ValueError
        If `received` is zero, negative, infinite or NaN.
    """
    if isinstance(received, bool) or not 0 < received < float("inf"):
        raise ValueError(f"{what} is {received!r}: give a finite number above 0")


def instance_of(what: str, received: object, *kinds: type) -> None:
    """Refuse a value of another class.

    Raises
    ------
    TypeError
        If `received` is of none of the kinds.
    """
    if not isinstance(received, kinds):
        names = " or ".join(with_article(kind) for kind in kinds)
        raise TypeError(f"{what} is {with_article(type(received))}: give {names}")


_WITH_AN = (*"AEIOaeio", "LSTM", "RNN", "nd")  # as in ndarray


def with_article(kind: type) -> str:
    """A class's name with its article: a Method, an AddingProblem."""
    return f"{'an' if kind.__name__.startswith(_WITH_AN) else 'a'} {kind.__name__}"


def reproducible(message: str, make: Callable[[], T], form: Callable[[T], object]) -> T:
    """Call a project's own function twice, and refuse it if the results differ.

    Parameters
    ----------
    message
        The error message, such as "family 'x' drew two different graphs from one seed".
    make
        Calls the function with the same arguments every time.
    form
        Makes the values to compare; they must not change if the result is changed later.

    Returns
    -------
    object
        The second result.

    Raises
    ------
    NotReproducible
        If the two results differ.
    """
    first = form(make())
    made = make()
    check_same(message, first, form(made))
    return made


def check_same(message: str, first: object, second: object) -> None:
    """Refuse two different results of one function for the same arguments.

    Raises
    ------
    NotReproducible
        With the message, and what to do.
    """
    if first != second:
        raise refusal(
            NotReproducible(
                f"{message}: let it draw from the generator that it is given, or from one that is "
                "seeded from its arguments, and from nothing else"
            )
        )
