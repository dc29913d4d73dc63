"""The networks that a run will ask for, and those of them that could not be trained."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sparsebench.harness.jobs import ClusterLost
from sparsebench.parts.store import StoreUnusable
from sparsebench.values.case import TrainedCase
from sparsebench.values.identity import Case


class WantedNetworks:
    """What a run wants trained, and what went wrong.

    Attributes
    ----------
    cases
        Networks that the selected items will ask for, in order: those that can be trained together
        are, when the first of them is needed.
    failures
        Why some of them could not be trained.
    """

    def __init__(self) -> None:
        self.cases: dict[TrainedCase, None] = {}
        self.failures: dict[Case, Exception] = {}

    @contextmanager
    def noting_failure_of(self, case: Case) -> Iterator[None]:
        """Keep what goes wrong with one network for its own item; the others are trained.

        What is wrong with the store or the cluster is wrong for all.
        """
        try:
            yield
        except (StoreUnusable, ClusterLost):
            raise
        except Exception as error:
            self.failures[case] = error
