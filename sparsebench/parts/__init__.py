"""Layer 1: data, weights, pruning, records and the places they are kept in."""
