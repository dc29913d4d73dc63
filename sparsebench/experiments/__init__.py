"""Experiments: a folder for each, with its items, measurement, claims, tables and section."""
