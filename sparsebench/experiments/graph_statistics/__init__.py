"""Experiment: what graph properties say about accuracy (thesis, sections 6.3 and 6.4)."""
