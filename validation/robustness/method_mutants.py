"""Bugs in criteria, allocations and patterns, and in the comparison of methods.

The quick profile's items of `benchmarks/test_methods.py` see them: 24 units, for one, are no multiple
of a block's 16 rows. Bugs in schedules are in `schedule_mutants.py`.
"""

from __future__ import annotations

from validation.robustness.mutant import Mutant

_METHODS, _ENGINES = "sparsebench/parts/methods", "sparsebench/engines"
_EXPERIMENT = "sparsebench/experiments/methods"

_CRITERIA = (
    Mutant(
        "magnitude: large negative weights go first",
        f"{_METHODS}/criteria.py",
        "np.abs(context.weights[name]) for name",
        "context.weights[name] for name",
    ),
    Mutant(
        "random masks: the network's seed is not used",
        f"{_METHODS}/context.py",
        'stream("method", purpose, self.seed, self.step)',
        'stream("method", purpose, 1, self.step)',
    ),
    Mutant(
        "random masks: every change draws the same",
        f"{_METHODS}/context.py",
        'stream("method", purpose, self.seed, self.step)',
        'stream("method", purpose, self.seed)',
    ),
    Mutant(
        "SNIP without the weight",
        f"{_METHODS}/criteria.py",
        "np.abs(gradient[name] * context.weights[name])",
        "np.abs(gradient[name])",
    ),
    Mutant(
        "SNIP with the sign",
        f"{_METHODS}/criteria.py",
        "np.abs(gradient[name] * context.weights[name])",
        "gradient[name] * context.weights[name]",
    ),
    Mutant(
        "GraSP: the other sign",
        f"{_METHODS}/criteria.py",
        "context.weights[name] * product[name]",
        "-context.weights[name] * product[name]",
    ),
    Mutant(
        "GraSP without the sign",
        f"{_METHODS}/criteria.py",
        "context.weights[name] * product[name]",
        "np.abs(context.weights[name] * product[name])",
    ),
    Mutant(
        "GraSP without the Hessian",
        f"{_METHODS}/criteria.py",
        "product = context.derivatives.product(self.examples, gradient)",
        "product = gradient",
    ),
    Mutant(
        "SynFlow in one round",
        f"{_METHODS}/schedules.py",
        "return [(0, each) for each in (*middle, density)]",
        "return [(0, density)]",
    ),
    Mutant(
        "SynFlow removes equal numbers, not equal shares",
        f"{_METHODS}/schedules.py",
        "return [(0, each) for each in (*middle, density)]",
        "falls = [1 - (1 - density) * done / self.rounds for done in range(1, self.rounds)]\n"
        "        return [(0, each) for each in (*falls, density)]",
    ),
    Mutant(
        "SynFlow with signed weights",
        f"{_METHODS}/criteria.py",
        "size = {name: np.abs(array.astype(np.float64))",
        "size = {name: array.astype(np.float64)",
    ),
    Mutant(
        "SynFlow: half of the flow through the state",
        f"{_METHODS}/criteria.py",
        'scores[f"{block.name}.h2h"] = h2h * deltas[:, None]',
        'scores[f"{block.name}.h2h"] = h2h * deltas[:, None] / 2',
    ),
    Mutant(
        "Taylor without the square",
        f"{_METHODS}/criteria.py",
        "sums += change * change",
        "sums += change",
    ),
    Mutant(
        "Taylor over one batch of all examples",
        f"{_METHODS}/criteria.py",
        "context.derivatives.gradients(self.examples, self.batch)",
        "context.derivatives.gradients(self.examples, self.examples)",
    ),
    Mutant(
        "movement towards zero is kept",
        f"{_METHODS}/criteria.py",
        "moved[name] for name in",
        "-moved[name] for name in",
    ),
    Mutant(
        "movement is forgotten at each step",
        f"{_ENGINES}/fused/optimisers.py",
        "fma(value * -1.0, before, load(spec, state.movements, row))",
        "fma(value * -1.0, before, load(spec, state.movements, row) * 0.0)",
    ),
    Mutant(
        "Jacobian: gates are not brought to one scale",
        f"{_METHODS}/jacobian.py",
        "scores[name][rows] /= _mean(own[rows])",
        "pass",
    ),
    Mutant(
        "Jacobian without the weight",
        f"{_METHODS}/jacobian.py",
        "scores[name] = own * sizes",
        "scores[name] = own.copy()",
    ),
    Mutant(
        "Jacobian of one step",
        f"{_METHODS}/jacobian.py",
        "below, self.steps)",
        "below, 1)",
    ),
    Mutant(
        "Jacobian: sign of the update gate's derivative",
        f"{_METHODS}/jacobian.py",
        "minus * d_update * new",
        "d_update * new",
    ),
    Mutant(
        "Jacobian: the cells of LSTM do not move",
        f"{_METHODS}/jacobian.py",
        'Value(ones if variant == "lstm" else zeros)',
        "Value(zeros)",
    ),
    Mutant(
        "Jacobian: derivative of tanh",
        f"{_METHODS}/jacobian.py",
        "((hidden * hidden).minus_from_one() * moved, change[1])",
        "(hidden.minus_from_one() * moved, change[1])",
    ),
    Mutant(
        "Jacobian: silent units pass changes on",
        f"{_METHODS}/jacobian.py",
        "(sums.positive() * moved, change[1])",
        "(moved, change[1])",
    ),
    Mutant(
        "derivatives: the first examples, in no random order",
        f"{_ENGINES}/derivatives.py",
        "self._random().permutation(len(self._examples))",
        "np.arange(len(self._examples))",
    ),
)

_ALLOCATIONS = (
    Mutant(
        "ERK by columns alone",
        f"{_METHODS}/allocations.py",
        "[(rows + columns) / (rows * columns) for rows, columns in shapes]",
        "[1 / columns for rows, columns in shapes]",
    ),
    Mutant(
        "ERK with the square root of the density",
        f"{_METHODS}/allocations.py",
        "[(rows + columns) / (rows * columns) for rows, columns in shapes]",
        "[((rows + columns) / (rows * columns)) ** 0.5 for rows, columns in shapes]",
    ),
    Mutant(
        "one matrix 10 % denser than the other",
        f"{_METHODS}/allocations.py",
        "_by_array(context, [1.0] * len(context.names))",
        "_by_array(context, [1.1, *[1.0] * (len(context.names) - 1)])",
    ),
    Mutant(
        "weights of two matrices do not compete",
        f"{_METHODS}/allocations.py",
        "return [Region(places, kept_of(context))]",
        "return _by_array(context, [1.0] * len(places))",
    ),
    Mutant(
        "densities of gates in the wrong order",
        f"{_METHODS}/allocations.py",
        "zip(context.gates(name), self.relative, strict=True)",
        "zip(context.gates(name), self.relative[::-1], strict=True)",
    ),
    Mutant(
        "all weights of a network are counted but one",
        f"{_METHODS}/allocations.py",
        "return round(context.density * context.total)",
        "return round(context.density * context.total) - 1",
    ),
)

_PATTERNS = (
    Mutant(
        "the highest scores are dropped",
        f"{_METHODS}/patterns.py",
        'kept[np.argsort(pooled, kind="stable")',
        'kept[np.argsort(-pooled, kind="stable")',
    ),
    Mutant(
        "blocks cross the border between gates",
        f"{_METHODS}/patterns.py",
        "down = row // per_gate * -(-per_gate // self.rows) + row % per_gate // self.rows",
        "down = row // self.rows",
    ),
    Mutant(
        "blocks by the sum of their scores",
        f"{_METHODS}/patterns.py",
        "pooled.astype(np.float64), first) / np.maximum(sizes, 1)",
        "pooled.astype(np.float64), first)",
    ),
    Mutant(
        "the best blocks are dropped",
        f"{_METHODS}/patterns.py",
        'np.argsort(-means[present], kind="stable")',
        'np.argsort(means[present], kind="stable")',
    ),
    Mutant(
        "2:4 keeps the smallest",
        f"{_METHODS}/patterns.py",
        "np.argsort(-able.reshape",
        "np.argsort(able.reshape",
    ),
    Mutant(
        "2:4: groups of every sixth weight",
        f"{_METHODS}/patterns.py",
        "able = np.where(place & context.masks[name], scores[name], -np.inf)",
        "able = np.roll(np.where(place & context.masks[name], scores[name], -np.inf), 1, axis=1)",
    ),
    Mutant(
        "units go without the weights that lead out of them",
        f"{_METHODS}/patterns.py",
        "mask[:, unit] = False",
        "mask[:, unit] &= True",
    ),
    Mutant(
        "of a unit, one gate goes",
        f"{_METHODS}/patterns.py",
        "mask[unit :: context.layout.sizes[layer]] = False",
        "mask[unit] = False",
    ),
    Mutant(
        "units are not scored by the weights that lead out of them",
        f"{_METHODS}/patterns.py",
        "values[source][column] += ordered_sum(sums)",
        "values[source][column] += 0 * ordered_sum(sums)",
    ),
    Mutant(
        "units with the highest scores go first",
        f"{_METHODS}/patterns.py",
        "for _, layer, unit in order:",
        "for _, layer, unit in order[::-1]:",
    ),
)

_COMPARISON = (
    Mutant(
        "shuffled masks are not shuffled",
        f"{_EXPERIMENT}/network.py",
        'if case.control == "shuffled":',
        'if case.control == "mixed":',
    ),
    Mutant(
        "masks are shuffled by one seed for all networks",
        f"{_EXPERIMENT}/network.py",
        'stream("shuffled masks", case.seed)',
        'stream("shuffled masks", 1)',
    ),
    Mutant(
        "masks are shuffled in another order",
        f"{_EXPERIMENT}/network.py",
        "random.permutation(mask.ravel()).reshape(mask.shape)",
        "random.permutation(mask.T.ravel()).reshape(mask.shape[::-1]).T",
    ),
    Mutant(
        "new weights of a control are the old ones",
        f"{_EXPERIMENT}/network.py",
        "return replace(_begun_anew(case.network, network), seed=case.seed)",
        "pass",
    ),
    Mutant(
        "controls are dense",
        f"{_EXPERIMENT}/network.py",
        "return Network.of(case, layout, masks)",
        "return Network.of(case, layout, {})",
    ),
    Mutant(
        "methods are trained for an epoch more",
        f"{_EXPERIMENT}/cases.py",
        "return self.base.training",
        "return replace(self.base.training, epochs=self.base.training.epochs + 1)",
    ),
    Mutant(
        "controls are trained for an epoch less",
        f"{_EXPERIMENT}/cases.py",
        "return self.network.training",
        "return replace(self.network.training, epochs=self.network.training.epochs - 1)",
    ),
    Mutant(
        "one matrix is made sparse, whatever the target",
        f"{_EXPERIMENT}/network.py",
        "        case.target,\n",
        '        "h2h",\n',
    ),
)

METHODS = (
    *_CRITERIA,
    *_ALLOCATIONS,
    *_PATTERNS,
    *_COMPARISON,
)
