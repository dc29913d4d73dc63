"""Bugs with late or small effects, hardly visible in first losses and means of few networks."""

from __future__ import annotations

from validation.robustness.mutant import Mutant

_PARTS, _ENGINES = "sparsebench/parts", "sparsebench/engines"
_EXPERIMENTS, _FUSED = "sparsebench/experiments", "sparsebench/engines/fused"

LATE = (
    Mutant(
        "LSTM: gradient of the entry gate 2 % too small",
        f"{_FUSED}/lstm.py",
        "of_entry = cell * candidate * entry",
        "of_entry = 0.98 * cell * candidate * entry",
    ),
    Mutant(
        "LSTM: gradient of the forget gate 2 % too small",
        f"{_FUSED}/lstm.py",
        "of_forget = cell * old * forget",
        "of_forget = 0.98 * cell * old * forget",
    ),
    Mutant(
        "LSTM: gradient of the candidate 2 % too small",
        f"{_FUSED}/lstm.py",
        "of_candidate = cell * entry * (1.0 - candidate",
        "of_candidate = 0.98 * cell * entry * (1.0 - candidate",
    ),
    Mutant(
        "LSTM: gradient of the leave gate 2 % too small",
        f"{_FUSED}/lstm.py",
        "of_leave = arriving * shown * leave",
        "of_leave = 0.98 * arriving * shown * leave",
    ),
    Mutant(
        "MGU: gradient of the forget gate 2 % too small",
        f"{_FUSED}/mgu.py",
        "of_forget = fma(",
        "of_forget = 0.98 * fma(",
    ),
    Mutant(
        "MGU: gradient of the candidate 2 % too small",
        f"{_FUSED}/mgu.py",
        "candidate = arriving * forget * (1.0",
        "candidate = 0.98 * arriving * forget * (1.0",
    ),
    Mutant(
        "GRU: gradient of the reset gate 2 % too small",
        f"{_FUSED}/gru.py",
        "of_reset = candidate * recurrent * reset",
        "of_reset = 0.98 * candidate * recurrent * reset",
    ),
    Mutant(
        "GRU: gradient of the update gate 2 % too small",
        f"{_FUSED}/gru.py",
        "of_update = arriving * (old - new)",
        "of_update = 0.98 * arriving * (old - new)",
    ),
    Mutant(
        "GRU: gradient of the candidate 2 % too small",
        f"{_FUSED}/gru.py",
        "candidate = arriving * (1.0 - update)",
        "candidate = 0.98 * arriving * (1.0 - update)",
    ),
    Mutant(
        "LSTM: 2 % of the cell's gradient lost at each step",
        f"{_FUSED}/lstm.py",
        "hidden + j, cell * forget)",
        "hidden + j, 0.98 * cell * forget)",
    ),
    Mutant(
        "GRU: 2 % of the state's gradient lost at each step",
        f"{_FUSED}/gru.py",
        "j, arriving * update)",
        "j, 0.98 * arriving * update)",
    ),
    Mutant(
        "learning rate 20 % too low after step 300",
        f"{_FUSED}/optimisers.py",
        "    rate = training[0].learning_rate / (1.0",
        "    rate = (0.8 if step > 300 else 1.0) * training[0].learning_rate / (1.0",
    ),
    Mutant(
        "learning rate 20 % too low in the last epoch",
        f"{_ENGINES}/population_training.py",
        "train(examples, orders, training.rate(epoch))",
        "train(examples, orders, training.rate(epoch) * (0.8 if epoch + 1 == training.length else 1))",
    ),
    Mutant(
        "the last, short batch dropped",
        f"{_ENGINES}/population_training.py",
        "    for epoch in range(training.length):\n        done",
        "    train, size = networks.train, training.batch_size\n"
        "    networks.train = lambda examples, orders, rate: train(\n"
        "        examples, [each[: len(each) - len(each) % size] for each in orders], rate\n"
        "    )\n"
        "    for epoch in range(training.length):\n        done",
    ),
    Mutant(
        "the first network has the order of the second",
        f"{_ENGINES}/population_training.py",
        'key = "shuffle", start.seed, ',
        'key = "shuffle", max(1, start.seed), ',
    ),
    Mutant(
        "orders of the last epoch are those before",
        f"{_ENGINES}/population_training.py",
        "_random_of(start, epoch, number).permutation",
        "_random_of(start, min(epoch, training.length - 2), number).permutation",
    ),
    Mutant(
        "an epoch too few",
        f"{_ENGINES}/population_training.py",
        "for epoch in range(training.length):",
        "for epoch in range(max(1, training.length - 1)):",
    ),
    Mutant(
        "one label in a thousand flipped",
        f"{_PARTS}/strings.py",
        "np.asarray(labels, dtype=np.int64))",
        "np.asarray(labels, dtype=np.int64) ^ (np.arange(len(labels)) % 1000 == 999))",
    ),
    Mutant(
        "moments not reset between trainings",
        f"{_FUSED}/memory.py",
        "    arrays.parameters[: len(flat)] = flat\n",
        "    arrays.parameters[: len(flat)] = flat\n    arrays.means[: len(flat)] = 1e-4\n",
    ),
    Mutant(
        "Adam's steps counted anew in every epoch",
        f"{_FUSED}/population.py",
        "                self._steps[number] + 1 + done,\n",
        "                1 + done,\n",
    ),
    Mutant(
        "Adam's steps counted anew in every piece of an epoch",
        f"{_FUSED}/population.py",
        "                self._steps[number] + 1 + done,\n",
        "                self._steps[number] + 1,\n",
    ),
    Mutant(
        "Adam's epsilon ten times as large",
        f"{_ENGINES}/populations.py",
        "0.9, 0.999, 1e-8",
        "0.9, 0.999, 1e-7",
    ),
    Mutant(
        "gradient clipped at 5 % more",
        f"{_FUSED}/optimisers.py",
        "min(1.0, training[0].clip_norm /",
        "min(1.0, 1.05 * training[0].clip_norm /",
    ),
    Mutant(
        "gradients below a millionth lost",
        f"{_FUSED}/simd.py",
        "LEAST_GRADIENT = 2.0**-56",
        "LEAST_GRADIENT = 2.0**-20",
    ),
    Mutant(
        "the recurrent bias learns 1 % slower",
        f"{_FUSED}/block.py",
        "gradient[block.h2h_bias + row] = gradient",
        "gradient[block.h2h_bias + row] = 0.99 * gradient",
    ),
    Mutant(
        "the readout's bias learns 2 % slower",
        f"{_FUSED}/readout.py",
        "gradient[network.readout_bias + k] = sum_lanes(delta)",
        "gradient[network.readout_bias + k] = 0.98 * sum_lanes(delta)",
    ),
    Mutant(
        "the first letter has no gradient",
        f"{_FUSED}/tile.py",
        "        for t in range(steps):\n            target, source",
        "        for t in range(1, steps):\n            target, source",
    ),
    Mutant(
        "first weights 0.1 % too small",
        f"{_PARTS}/weights.py",
        "uniform(random, -bound, bound, shape)",
        "0.999 * uniform(random, -bound, bound, shape)",
    ),
    Mutant(
        "one string is counted wrong",
        f"{_ENGINES}/populations.py",
        "int((logits.argmax(1) == labels).sum())",
        "max(0, int((logits.argmax(1) == labels).sum()) - 1)",
    ),
    Mutant(
        "rewound to the trained weights",
        f"{_EXPERIMENTS}/iterative_pruning/network.py",
        "weights = early.weights if rewound",
        "weights = trained.weights if rewound",
    ),
    Mutant(
        "rewound networks see their strings from the first epoch on",
        f"{_EXPERIMENTS}/iterative_pruning/network.py",
        "epochs = case.rewind if rewound else 0",
        "epochs = 0 if rewound else 0",
    ),
)
