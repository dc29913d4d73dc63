"""Layer 3: one module per experiment, and what is concluded from its records."""
