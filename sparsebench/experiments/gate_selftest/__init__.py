"""Experiment: the gate judges records with one thing wrong with them."""
