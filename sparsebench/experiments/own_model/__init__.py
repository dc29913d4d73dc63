"""Trained networks of somebody's own in the comparison of methods: pruned, and fine-tuned."""
