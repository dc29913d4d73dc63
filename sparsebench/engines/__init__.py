"""Layer 2: what runs networks on torch."""
