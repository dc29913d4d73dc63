"""Bugs in the gate itself, which its canaries must detect."""

from __future__ import annotations

from validation.robustness.mutant import Mutant

_JUDGING, _EXPERIMENTS = "sparsebench/judging", "sparsebench/experiments"

COMPARISON = (
    Mutant(
        "tolerance of accuracy a hundred times too wide",
        f"{_JUDGING}/accuracy_change.py",
        "SAME_WEIGHTS = 0.001",
        "SAME_WEIGHTS = 0.1",
    ),
    Mutant(
        "tolerance of losses a hundred times too wide",
        f"{_JUDGING}/change.py",
        "ONSET_LOSS = 0.001",
        "ONSET_LOSS = 0.1",
    ),
    Mutant(
        "margin of a hundred points",
        f"{_JUDGING}/accuracy_change.py",
        "MARGIN = 0.005",
        "MARGIN = 1",
    ),
    Mutant(
        "times twice as long",
        f"{_EXPERIMENTS}/forward_time/comparison.py",
        "= 1.10, 1.30",
        "= 2.20, 2.60",
    ),
    Mutant(
        "other bits never noticed",
        f"{_JUDGING}/bits.py",
        "if was.weights != now.weights:",
        'if was.weights == now.weights == "?":',
    ),
    Mutant(
        "weights kept not compared",
        f"{_JUDGING}/accuracy_change.py",
        "elif any(before != after for before, after in kept):",
        "elif any(before is after is False for before, after in kept):",
    ),
    Mutant(
        "populations never worse",
        f"{_JUDGING}/accuracy_change.py",
        "if sure[1] < 0 and middle < -MARGIN:",
        "if sure[1] < -1 and middle < -MARGIN:",
    ),
    Mutant(
        "a change is a pass",
        f"{_JUDGING}/gate.py",
        '    else:\n        verdict = "fail"\n    return',
        '    else:\n        verdict = "pass"\n    return',
    ),
    Mutant(
        "a verdict on the baseline fails nothing",
        "sparsebench/harness/judgement.py",
        "    if moved:\n",
        "    if moved and not moved:\n",
    ),
    Mutant(
        "a claim outside its interval is open",
        f"{_JUDGING}/claims.py",
        '"fail" if high < HALF else "inconclusive"',
        '"inconclusive" if high < HALF else "inconclusive"',
    ),
    Mutant(
        "what the baseline lacks is not missed",
        "sparsebench/harness/judgement.py",
        "absent = missing(result.records, bench.baseline.records)",
        "absent = missing([], bench.baseline.records)",
    ),
    Mutant(
        "nothing is new to a contradiction",
        "sparsebench/harness/judgement.py",
        "    if gone:\n",
        "    if gone and not gone:\n",
    ),
    Mutant(
        "bits are promised by nobody",
        f"{_JUDGING}/bits.py",
        'return was.numerics == now.numerics != ""',
        'return was.numerics == now.numerics == "?"',
    ),
    Mutant(
        "bits of the first record alone are compared",
        f"{_JUDGING}/bits.py",
        "for was, now in pairs if",
        "for was, now in pairs[:1] if",
    ),
    Mutant(
        "bits of the last record alone are compared",
        f"{_JUDGING}/bits.py",
        "for was, now in pairs if",
        "for was, now in pairs[-1:] if",
    ),
    Mutant(
        "accuracy is taken for a figure of the machine",
        f"{_JUDGING}/bits.py",
        '= ("time_ratio", "time_ratios")',
        '= ("time_ratio", "time_ratios", "accuracy")',
    ),
    Mutant(
        "figures may differ by rounding",
        f"{_JUDGING}/bits.py",
        "return before != after and not both_nan",
        "return str(before)[:9] != str(after)[:9] and not both_nan",
    ),
    Mutant(
        "series are not compared",
        f"{_JUDGING}/bits.py",
        "            if _other(old, new):\n",
        "            if _other(old, new) and not name:\n",
    ),
    Mutant(
        "other bits are a pass unless they are worse",
        f"{_JUDGING}/bits.py",
        'else "changed"\n',
        'else "unchanged"\n',
    ),
    Mutant(
        "what differs is forgotten where some pairs may round",
        f"{_JUDGING}/policy.py",
        'if found.kind != "unchanged" or not others:',
        'if found.kind != "unchanged" and others:',
    ),
    Mutant(
        "exact records are never looked for",
        f"{_JUDGING}/policy.py",
        "exact = [pair for pair in pairs if by_one_arithmetic(pair)]",
        "exact = [pair for pair in pairs[:0] if by_one_arithmetic(pair)]",
    ),
    Mutant(
        "a network by another engine may fall by any bound",
        f"{_JUDGING}/accuracy_change.py",
        "if min(differences) < -allowed:",
        "if min(differences) < -9:",
    ),
    Mutant(
        "undecided is green under --sparsebench-gate",
        "sparsebench/harness/judgement.py",
        "    if unclear and settings.gate:\n",
        "    if unclear and settings.gate is None:\n",
    ),
)
