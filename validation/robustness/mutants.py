"""Small bugs to put into the code, one at a time, for `measure_mutants.py`.

Bugs with late or small effects are in `late_mutants.py`, those of tasks in `task_mutants.py`, those
of methods in `method_mutants.py` and `schedule_mutants.py`, and those of the gate itself in
`gate_mutants.py`.
"""

from __future__ import annotations

from validation.robustness.gate_mutants import COMPARISON
from validation.robustness.late_mutants import LATE
from validation.robustness.method_mutants import METHODS
from validation.robustness.mutant import Mutant
from validation.robustness.schedule_mutants import SCHEDULES
from validation.robustness.task_mutants import TASKS

_PARTS, _ENGINES = "sparsebench/parts", "sparsebench/engines"
_EXPERIMENTS, _FUSED = "sparsebench/experiments", "sparsebench/engines/fused"

PRUNING = (
    Mutant(
        "prunes 10 points too much",
        f"{_EXPERIMENTS}/pruning/measure.py",
        "names, case.percent, case",
        "names, min(100, case.percent + 10), case",
    ),
    Mutant(
        "masks not applied to one layer",
        "sparsebench/values/masks.py",
        "result[name] = np.where",
        'if "layers.1." not in name: result[name] = np.where',
    ),
    Mutant(
        "i2h and h2h swapped",
        f"{_PARTS}/weights.py",
        "else (target,)",
        'else ({"i2h": "h2h", "h2h": "i2h"}[target],)',
    ),
    Mutant(
        "one layer of one target forgotten",
        f"{_PARTS}/weights.py",
        "for block in layout.blocks]\n\n\ndef is_recurrent",
        'for block in layout.blocks[: len(layout.blocks) - (target == "h2h")]]'
        "\n\n\ndef is_recurrent",
    ),
    Mutant(
        "largest weights go first",
        f"{_PARTS}/pruning.py",
        "return np.abs(weights[name])",
        "return -np.abs(weights[name])",
    ),
    Mutant(
        "the weight at the threshold goes too",
        f"{_PARTS}/pruning.py",
        "return ~(scores < np.percentile(scores, percent))",
        "return scores > np.percentile(scores, percent)",
    ),
    Mutant(
        "percentile not interpolated",
        f"{_PARTS}/pruning.py",
        "np.percentile(scores, percent))",
        'np.percentile(scores, percent, method="lower"))',
    ),
    Mutant(
        "a threshold for each layer",
        f"{_PARTS}/pruning.py",
        'threshold_scope == "model"',
        'threshold_scope == "layer"',
    ),
    Mutant(
        "absolute threshold ten times too high",
        f"{_PARTS}/pruning.py",
        "~(score < threshold)",
        "~(score < 10 * threshold)",
    ),
    Mutant(
        "absent edges come back when a wired network is pruned",
        f"{_EXPERIMENTS}/finetuning/network.py",
        "masks = {**masks, **kept}",
        "masks = kept",
    ),
)

WIRING = (
    Mutant(
        "layer is the last path's length, not the longest's",
        f"{_PARTS}/wirings.py",
        "layer[child] = max(layer[child], layer[vertex] + 1)",
        "layer[child] = layer[vertex] + 1",
    ),
    Mutant(
        "edges point the other way",
        f"{_PARTS}/wirings.py",
        "if place[one] < place[other]",
        "if place[one] > place[other]",
    ),
    Mutant(
        "gate masks tiled",
        f"{_PARTS}/wired.py",
        'if gate_masks == "tiled":',
        'if gate_masks != "tiled":',
    ),
    Mutant(
        "blocks of edges that skip a layer are lost",
        f"{_PARTS}/wired.py",
        "for source, target in wiring.skips())]\n    blocks.sort",
        "for source, target in list(wiring.skips())[1:])]\n    blocks.sort",
    ),
    Mutant(
        "a vertex more",
        f"{_PARTS}/graphs.py",
        "randint(_FEWEST, _MOST + 1)",
        "randint(_FEWEST + 1, _MOST + 1)",
    ),
)

EVALUATION = (
    Mutant(
        "reads out a step too early",
        f"{_FUSED}/readout.py",
        "    return steps - 1\n",
        "    return max(0, steps - 2)\n",
    ),
    Mutant(
        "reads out at the last letter",
        f"{_FUSED}/readout.py",
        "if network.reads_last_step:",
        "if not network.reads_last_step:",
    ),
    Mutant(
        "evaluates with other batch mates",
        f"{_FUSED}/population.py",
        "        data = memory.data_arrays(examples)\n        spec = LoopSpec(",
        "        batch_size *= 2; data = memory.data_arrays(examples)\n        spec = LoopSpec(",
    ),
    Mutant(
        "one string in a hundred is counted wrong",
        f"{_ENGINES}/populations.py",
        "int((logits.argmax(1) == labels).sum())",
        "int(0.99 * (logits.argmax(1) == labels).sum())",
    ),
)

ITEMS = (
    Mutant(
        "LSTM: entry and forget gates swapped",
        f"{_FUSED}/lstm.py",
        "fma(forget, load(spec, scratch.cells, state + j), entry * candidate)",
        "fma(entry, load(spec, scratch.cells, state + j), forget * candidate)",
    ),
    Mutant(
        "LSTM: gradient of the forget gate",
        f"{_FUSED}/lstm.py",
        "cell * old * forget * (1.0 - forget)",
        "cell * old * forget",
    ),
    Mutant(
        "GRU: no reset gate",
        f"{_FUSED}/gru.py",
        "new = tanh(fma(reset, recurrent, new))",
        "new = tanh(recurrent + new)",
    ),
    Mutant(
        "GRU: old and new state swapped",
        f"{_FUSED}/gru.py",
        "fma(update, load(spec, states, state + j) - new, new)",
        "fma(1.0 - update, load(spec, states, state + j) - new, new)",
    ),
    Mutant(
        "tanh: derivative",
        f"{_FUSED}/plain.py",
        "delta * (1.0 - new * new)",
        "delta * (1.0 - new)",
    ),
    Mutant(
        "second bias forgotten",
        f"{_FUSED}/kernels.py",
        "scratch.biases[block.gates + row] = own + recurrent",
        "scratch.biases[block.gates + row] = own",
    ),
    Mutant(
        "a layer's blocks overwrite each other",
        f"{_FUSED}/rows.py",
        "    if block.adds:\n        value",
        "    if block.adds > 1:\n        value",
    ),
)

OPTIMISER = (
    Mutant(
        "trains without gradient",
        f"{_FUSED}/optimisers.py",
        "load(spec, gradient, row) * clip, LEAST_GRADIENT)",
        "load(spec, gradient, row) * 0.0, LEAST_GRADIENT)",
    ),
    Mutant(
        "learning rate 5 % too high",
        f"{_ENGINES}/population_training.py",
        "train(examples, orders, training.rate(epoch))",
        "train(examples, orders, 1.05 * training.rate(epoch))",
    ),
    Mutant(
        "gradient not clipped",
        f"{_FUSED}/optimisers.py",
        "clip = min(1.0, training[0].clip_norm / (norm + 1e-6))",
        "clip = 1.0",
    ),
    Mutant(
        "Adam's second decay 0.99",
        f"{_ENGINES}/populations.py",
        "BETA1, BETA2, EPSILON = 0.9, 0.999, 1e-8",
        "BETA1, BETA2, EPSILON = 0.9, 0.99, 1e-8",
    ),
    Mutant(
        "Adam's first moment not corrected",
        f"{_FUSED}/optimisers.py",
        "training[0].learning_rate / (1.0 - _power(BETA1, step))",
        "training[0].learning_rate",
    ),
    Mutant(
        "Adam's second moment forgotten at each step",
        f"{_FUSED}/optimisers.py",
        "value, square * BETA2)",
        "value, square * 0.0)",
    ),
)

SEEDING = (
    Mutant(
        "strings drawn from another seed",
        f"{_PARTS}/strings.py",
        'stream("reber", spec.seed, "valid")',
        'stream("reber", spec.seed + 1, "valid")',
    ),
    Mutant(
        "one order of strings for all epochs",
        f"{_ENGINES}/population_training.py",
        "start.epochs + epoch\n    return",
        "start.epochs\n    return",
    ),
    Mutant(
        "one order of strings for all networks",
        f"{_ENGINES}/population_training.py",
        'key = "shuffle", start.seed, ',
        'key = "shuffle", 1, ',
    ),
    Mutant(
        "orders begin anew when fine-tuned",
        f"{_EXPERIMENTS}/finetuning/network.py",
        "case.seed, epochs_of(case.network), ",
        "case.seed, 0, ",
    ),
    Mutant(
        "all arrays drawn from one stream",
        f"{_PARTS}/weights.py",
        'stream("weights", seed, layout.variant, name)',
        'stream("weights", seed, layout.variant)',
    ),
    Mutant(
        "fine-tuned from weights a tenth as large",
        f"{_EXPERIMENTS}/finetuning/network.py",
        "weights = masked(trained.weights, network.masks)",
        "weights = masked({k: 0.1 * v for k, v in trained.weights.items()}, network.masks)",
    ),
    Mutant(
        "a default that moves digests",
        f"{_EXPERIMENTS}/base/cases.py",
        "steps: int = 100",
        "steps: int = 99",
    ),
)

ANALYSIS = (
    Mutant(
        "ranks instead of values in Pearson's r",
        f"{_EXPERIMENTS}/graph_statistics/correlation.py",
        "float(pearsonr(one, other).statistic)",
        "float(pearsonr(one.argsort().argsort(), other.argsort().argsort()).statistic)",
    ),
    Mutant(
        "number of vertices not held fixed",
        f"{_EXPERIMENTS}/graph_statistics/correlation.py",
        "left.append(rest)",
        "left.append(values)",
    ),
    Mutant(
        "families not centred",
        f"{_EXPERIMENTS}/graph_statistics/correlation.py",
        "part.accuracy - part.accuracy.mean()",
        "part.accuracy",
    ),
    Mutant(
        "chances not adjusted",
        f"{_EXPERIMENTS}/graph_statistics/correlation.py",
        "false_discovery_control(list(chances.values())) if chances",
        "list(chances.values()) if chances",
    ),
    Mutant(
        "networks that are predicted scale the others",
        f"{_ENGINES}/predictors.py",
        "    if scaled_together:\n",
        "    if scaled_together or (scaled_together := True):\n",
    ),
    Mutant(
        "networks that are predicted were learned from",
        f"{_ENGINES}/predictors.py",
        "untrained.fit(known, known_target)",
        "untrained.fit(columns, target)",
    ),
    Mutant(
        "every split the same",
        f"{_ENGINES}/predictors.py",
        "test_size=HELD_OUT, random_state=seed)",
        "test_size=HELD_OUT, random_state=0)",
    ),
    Mutant(
        "a correlation goes the wrong way",
        f"{_EXPERIMENTS}/graph_statistics/correlation_claims.py",
        "sign = 1 if published > 0 else -1",
        "sign = -1 if published > 0 else 1",
    ),
    Mutant(
        "a statement holds if few splits say so",
        f"{_EXPERIMENTS}/graph_statistics/prediction_claims.py",
        '"pass" if share >= SURVIVES',
        '"pass" if share <= SURVIVES',
    ),
    Mutant(
        "an analysis is always unchanged",
        f"{_EXPERIMENTS}/graph_statistics/comparison.py",
        'return Change("changed", other)',
        'return Change("unchanged", other)',
    ),
)

UNCHANGED = Mutant("unchanged", "sparsebench/__init__.py", "", "")

MUTANTS = {
    mutant.name: mutant
    for mutant in (
        UNCHANGED,
        *PRUNING,
        *WIRING,
        *EVALUATION,
        *ITEMS,
        *OPTIMISER,
        *SEEDING,
        *LATE,
        *COMPARISON,
        *ANALYSIS,
        *TASKS,
        *METHODS,
        *SCHEDULES,
    )
}
