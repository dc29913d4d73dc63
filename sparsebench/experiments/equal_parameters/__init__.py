"""Experiment: four ways to spend the same number of weights (slides, section 5.3)."""
