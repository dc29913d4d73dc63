"""Case of a trained network of one's own, before any method."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from sparsebench.parts.files import shown
from sparsebench.parts.own_network import OwnNetwork
from sparsebench.parts.tasks import task_kind_of
from sparsebench.values.case import TrainedCase
from sparsebench.values.checks import instance_of, one_of, whole_number
from sparsebench.values.kinds import kind
from sparsebench.values.protocol import Training, check_torch_has
from sparsebench.values.semantics import CORRECTED, Semantics
from sparsebench.values.tasks import Task


@kind("OwnModelCase")
@dataclass(frozen=True)
class OwnModelCase(TrainedCase):
    """Fine-tune a trained network of your own.

    Attributes
    ----------
    name
        Its name in ids and tables: lower-case letters, digits, dashes and underscores.
    checksum
        That of its structure and weights (`OwnNetwork.checksum`), so that another network is another
        case.
    variant
        Its cell type.
    task
        What it is fine-tuned and tested on.
    seed
        Seed of the orders of examples, and of what a method draws.
    training
        How it is fine-tuned.
    weights
        `initial`: it begins with random weights of the seed, as a control. None: with its own.
    model
        The network. It is not part of the identity and is not stored: a case that was read from a
        file has none, and can be compared and shown, but not trained.
    """

    name: str
    checksum: str
    variant: str
    task: Task
    seed: int = 0
    training: Training = Training(epochs=10)
    weights: str | None = None
    model: OwnNetwork | None = field(default=None, compare=False, repr=False)

    def __post_init__(self) -> None:
        instance_of("name", self.name, str)
        if not re.fullmatch("[a-z0-9_-]+", self.name):
            raise ValueError(
                f"name is {shown(self.name)}: give one of lower-case letters, digits, dashes and "
                "underscores"
            )
        instance_of("checksum", self.checksum, str)
        check_torch_has(self.variant)
        task_kind_of(self.task)  # refuses an object that is not a task
        whole_number("seed", self.seed, 0)
        instance_of("training", self.training, Training)
        if self.weights is not None:
            one_of("weights", self.weights, ("initial",))
        if self.model is not None:
            instance_of("model", self.model, OwnNetwork)
            if self.model.checksum != self.checksum:
                raise ValueError(
                    f"checksum is {shown(self.checksum)}, and that of the model is "
                    f"{self.model.checksum}: give OwnModelCase.of(model, ...)"
                )

    @classmethod
    def of(
        cls,
        model: OwnNetwork,
        name: str,
        task: Task,
        seed: int = 0,
        training: Training = Training(epochs=10),
    ) -> OwnModelCase:
        """The case of a network."""
        variant = model.structure.variant
        return cls(name, model.checksum, variant, task, seed, training, model=model)

    @property
    def data(self) -> Task:
        """The task, under the name that all cases use for their data."""
        return self.task

    @property
    def semantics(self) -> Semantics:
        """Only corrected: the last step of each sequence is read."""
        return CORRECTED

    @property
    def given(self) -> OwnNetwork:
        """The network.

        Raises
        ------
        ValueError
            If the case was read from a file.
        """
        if self.model is None:
            raise ValueError(
                f"the network of model {self.name!r}, whose checksum is {self.checksum}, was not given "
                "to this process, so it can be compared and shown, but not trained: give it to "
                "sparsebench.own_model_items"
            )
        return self.model

    def begun_anew(self, seed: int) -> OwnModelCase:
        """The same network with random initial weights of a seed."""
        return replace(self, seed=seed, weights="initial")
