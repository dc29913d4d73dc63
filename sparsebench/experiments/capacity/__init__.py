"""Experiment: what networks store and remember (report on capacity)."""
