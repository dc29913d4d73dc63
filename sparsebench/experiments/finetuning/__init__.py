"""Experiment: pruned networks fine-tuned with their masks fixed (thesis, section 6.2)."""
