"""Bugs in schedules, by which masks change during training, and in what becomes of the optimiser."""

from __future__ import annotations

from validation.robustness.mutant import Mutant

_METHODS, _ENGINES = "sparsebench/parts/methods", "sparsebench/engines"

_REMOVED_IN_TRAINING = (
    Mutant(
        "at the start is after the first step",
        f"{_METHODS}/schedules.py",
        "return [(0, each) for each in (*middle, density)]",
        "return [(1, each) for each in (*middle, density)]",
    ),
    Mutant(
        "pruned 10 % too early",
        f"{_METHODS}/schedules.py",
        "return [(round(self.at * steps), density)]",
        "return [(round(0.9 * self.at * steps), density)]",
    ),
    Mutant(
        "gradual: the cubic is a square",
        f"{_METHODS}/schedules.py",
        "left**self.power",
        "left ** (self.power - 1)",
    ),
    Mutant(
        "gradual: each change but the last is a step late",
        f"{_METHODS}/schedules.py",
        "for step in range(first + self.every, last, self.every):",
        "for step in range(first + self.every + 1, last, self.every):",
    ),
    Mutant(
        "ramped: the second slope is 1.2 times the first",
        f"{_METHODS}/schedules.py",
        "- begin + 1.5 * max(0",
        "- begin + 1.2 * max(0",
    ),
    Mutant(
        "ramped: the threshold follows the present weights",
        f"{_METHODS}/schedules.py",
        "early = replace(context, weights=context.remembered[begin])",
        "early = context",
    ),
    Mutant(
        "ramped: the threshold rises from the first step on",
        f"{_METHODS}/schedules.py",
        "risen = min(context.step, ramp) - begin +",
        "risen = min(context.step, ramp) +",
    ),
    Mutant(
        "ramped: the quantile of the weights that stay",
        f"{_METHODS}/schedules.py",
        "pooled[min(round((1 - context.density) * pooled.size)",
        "pooled[min(round(context.density * pooled.size)",
    ),
    Mutant(
        "lottery: rewound to a later epoch",
        f"{_METHODS}/schedules.py",
        "return round(self.rewind * steps / (self.rounds + 1))",
        "return round(self.rewind * steps / (self.rounds + 1)) + 20",
    ),
    Mutant(
        "lottery: not rewound",
        f"{_METHODS}/schedules.py",
        "return Change(masks, context.remembered[self._rewound_to(context.steps)], restart=True)",
        "return Change(masks, restart=True)",
    ),
    Mutant(
        "lottery: the optimiser does not start anew",
        f"{_METHODS}/schedules.py",
        "context.remembered[self._rewound_to(context.steps)], restart=True)",
        "context.remembered[self._rewound_to(context.steps)])",
    ),
    Mutant(
        "lottery: the optimiser's steps are counted on",
        f"{_ENGINES}/fused/changing.py",
        "self._steps[number] = 0",
        "self._steps[number] += 0",
    ),
    Mutant(
        "lottery: each round removes as many weights",
        f"{_METHODS}/schedules.py",
        "ends = [round(done * steps / parts)",
        "middle = [1 - (1 - density) * done / self.rounds for done in range(1, self.rounds)]\n"
        "        ends = [round(done * steps / parts)",
    ),
    Mutant(
        "lottery: no training after the last round",
        f"{_METHODS}/schedules.py",
        "ends = [round(done * steps / parts)",
        "ends = [round(done * steps / self.rounds)",
    ),
    Mutant(
        "lottery: new weights are the old ones",
        f"{_METHODS}/schedules.py",
        'if self.start == "new":',
        'if self.start == "newer":',
    ),
    Mutant(
        "lottery: new weights of the same seed",
        "sparsebench/experiments/methods/network.py",
        "return _begun_anew(case, network).weights",
        "return network_kind_of(case.base).start(case.base, network).weights",
    ),
)

_MOVING = (
    Mutant(
        "grows random weights instead of those with large gradients",
        f"{_METHODS}/criteria.py",
        "{name: np.abs(gradient[name]) for",
        '{name: context.random("grown").random_sample(gradient[name].shape) for',
    ),
    Mutant(
        "grows by the signed gradient",
        f"{_METHODS}/criteria.py",
        "{name: np.abs(gradient[name]) for",
        "{name: gradient[name] for",
    ),
    Mutant(
        "absent weights have no gradient",
        f"{_ENGINES}/derivatives.py",
        "return self._network.gradient(self._weights, self._examples, self._order[:examples])",
        "found = self._network.gradient(self._weights, self._examples, self._order[:examples])\n"
        "        return {name: found[name] * (self._weights[name] != 0) for name in found}",
    ),
    Mutant(
        "the largest weights move",
        f"{_METHODS}/schedules.py",
        "_highest(gone[name], mask,",
        "_highest(-gone[name], mask,",
    ),
    Mutant(
        "weights grow where their scores are lowest",
        f"{_METHODS}/schedules.py",
        "return _highest(scores, ~left, count)",
        "return _highest(-scores, ~left, count)",
    ),
    Mutant(
        "what goes cannot come back at once",
        f"{_METHODS}/schedules.py",
        "return _highest(scores, ~left, count)",
        "return _highest(scores, ~context.masks[name], count)",
    ),
    Mutant(
        "the share that moves does not fall",
        f"{_METHODS}/schedules.py",
        "self.moved / 2 * (1 + math.cos(",
        "self.moved / 2 * (2 + 0 * math.cos(",
    ),
    Mutant(
        "one in ten of the weights that should move stays",
        f"{_METHODS}/schedules.py",
        "count = math.floor(share *",
        "count = math.floor(0.9 * share *",
    ),
    Mutant(
        "weights move until the end",
        f"{_METHODS}/schedules.py",
        "round(self.until * steps) + 1, self.every)",
        "steps + 1, self.every)",
    ),
    Mutant(
        "all gates get as many new weights",
        f"{_METHODS}/schedules.py",
        "min(count * own // total if total else 0, room)",
        "min(count // len(have), room)",
    ),
    Mutant(
        "weights stay within no gate",
        f"{_METHODS}/schedules.py",
        "if not self.redistributes:",
        "if self.redistributes is not None:",
    ),
    Mutant(
        "new weights do not begin at zero",
        f"{_ENGINES}/fused/changing.py",
        "        self._states[number] = fresh\n",
        "        fresh.parameters[: plan.size][fresh.parameters[: plan.size] == 0] = 0.01\n"
        "        self._states[number] = fresh\n",
    ),
    Mutant(
        "the optimiser's state is forgotten when masks change",
        f"{_ENGINES}/fused/changing.py",
        "self._states[number] = fresh\n",
        "self._states[number] = self._state(fresh.parameters[: plan.size])\n",
    ),
    Mutant(
        "half of the optimiser's state is forgotten when masks change",
        f"{_ENGINES}/fused/changing.py",
        "zip(state[1:], fresh[1:], strict=True)",
        "zip(state[2:], fresh[2:], strict=True)",
    ),
)

SCHEDULES = (*_REMOVED_IN_TRAINING, *_MOVING)
