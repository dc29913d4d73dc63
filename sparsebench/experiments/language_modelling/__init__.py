"""Experiment: networks that predict letters and write strings (proposal, section 6)."""
