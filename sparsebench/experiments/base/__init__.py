"""Experiment: dense base models, trained from scratch (thesis, section 6.1)."""
