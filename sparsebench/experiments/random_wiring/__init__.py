"""Experiment: networks wired by random graphs (thesis, section 6.3; slides, section 5.3)."""
