"""The networks that a run will need, and those that could not be trained."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sparsebench.harness.jobs import ClusterLost
from sparsebench.parts.store import StoreUnusable
from sparsebench.values.case import TrainedCase
from sparsebench.values.identity import Case


class RequestedNetworks:
    """Networks that a run needs trained, and errors of their training.

    Attributes
    ----------
    cases
        Networks that the selected items will need, in order. Compatible ones are trained together,
        when the first of them is needed.
    found
        Those of them that were trained by this run or found trained, or whose training failed.
    failures
        The errors of those that could not be trained.
    """

    def __init__(self) -> None:
        self.cases: dict[TrainedCase, None] = {}
        self.found: set[TrainedCase] = set()
        self.failures: dict[Case, Exception] = {}

    @contextmanager
    def noting_failure_of(self, case: Case) -> Iterator[None]:
        """Hold the error of one network for its own item, so that the others are still trained.

        Errors of the store or of the cluster concern all networks and are raised.
        """
        try:
            yield
        except (StoreUnusable, ClusterLost):
            raise
        except Exception as error:
            self.failures[case] = error
