"""Layer 0: values, and nothing but numpy."""
