"""Layer 1: data, weights, pruning, records, and the files that hold them."""
