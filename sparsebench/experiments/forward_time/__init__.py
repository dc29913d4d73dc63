"""Experiment: how long forward passes take beside the dense network's."""
