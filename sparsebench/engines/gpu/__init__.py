"""The fused GPU engine: the CPU's loop over sparse rows, one program for each network and tile.

Its results are tested through Triton's interpreter and, where there is one, on a GPU; how fast it is
on one, docs/engine.md says.
"""
