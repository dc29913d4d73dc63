"""Experiment: forward times, relative to the dense network's."""
