"""The streaming engine: one sequence at a time, a step or all steps, with vectors over hidden units.

`sparsebench.engines.fused` has vectors over the strings of a batch, which is fast for many strings and
slow for one. Here a vector holds 16 units of one gate. A matrix is packed as full columns of such
vectors, or as the blocks of 16 or of 8 rows by 1 column that have a weight. A few sequences may run
together.
"""
