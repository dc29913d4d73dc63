"""Layer 2: the engines, which train, evaluate and time networks."""
