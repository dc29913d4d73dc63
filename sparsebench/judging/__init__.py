"""What judges any experiment: claims, comparison with baselines, intervals, the gate's self-test."""
