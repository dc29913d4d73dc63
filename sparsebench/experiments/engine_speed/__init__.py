"""Experiment: how fast the fused engine is beside torch."""
