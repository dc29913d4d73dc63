"""Experiment: speed of the fused engine, compared with torch."""
