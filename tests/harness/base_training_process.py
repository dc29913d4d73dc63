"""A process of its own that trains a small base model and keeps a snapshot of every epoch.

python -m tests.harness.base_training_process STORE EPOCHS
"""

import sys
from pathlib import Path

from sparsebench.harness import base_models
from sparsebench.values.case import BaseCase
from sparsebench.values.protocol import Architecture, Training
from tests.harness import small


def wanted(epochs: int) -> BaseCase:
    """What it trains."""
    training = Training(epochs=epochs, batch_size=16)
    return BaseCase(Architecture("gru", 2, 8), 0, training=training, data=small.DATA)


if __name__ == "__main__":
    base_models.SECONDS_BETWEEN_SNAPSHOTS = 0.0
    base_models.base_model(wanted(int(sys.argv[2])), small.bench(Path(sys.argv[1])))
