"""Experiment: trained base models pruned, without fine-tuning (thesis, section 6.2)."""
