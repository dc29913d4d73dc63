"""What a notebook does; imported where pytest is missing."""

import numpy as np

from sparsebench.experiments.own_model.prunability import prunability
from tests.experiments.own_model.models import model

EXAMPLES = np.random.default_rng(0).standard_normal((16, 4, 8)), np.arange(16) % 10
frame = prunability(model(), EXAMPLES, EXAMPLES, [0.5], ["magnitude"], epochs=1)
