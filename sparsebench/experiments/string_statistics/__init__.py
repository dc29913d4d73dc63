"""Experiment: what the strings are that networks are trained on (thesis, chapter 4)."""
