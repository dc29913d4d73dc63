"""Experiment: what methods without recurrence reach on each task."""
