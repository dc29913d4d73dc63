"""Experiment: the thesis author's own models and networks, evaluated here."""
