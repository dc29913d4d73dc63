"""Experiment: iterative magnitude pruning with rewinding (the lottery ticket hypothesis)."""
