"""Experiment: what graph properties reveal about accuracy (thesis, sections 6.3 and 6.4)."""
