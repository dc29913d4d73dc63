"""Judging of any experiment: claims, comparison with baselines, confidence intervals."""
