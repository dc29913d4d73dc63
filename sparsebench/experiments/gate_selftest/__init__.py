"""Experiment: self-test of the gate, on records altered in one way."""
