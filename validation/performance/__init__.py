"""Costs: time, memory, and the code that compilers make of the loops."""
