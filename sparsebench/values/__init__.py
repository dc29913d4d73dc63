"""Layer 0: frozen values; imports numpy only."""
