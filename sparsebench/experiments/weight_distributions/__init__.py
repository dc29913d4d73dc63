"""Experiment: distributions of trained weights, before and after pruning (proposal, section 4)."""
