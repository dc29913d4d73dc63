"""The fused CPU engine: forward, loss and backward over all time steps as one compiled loop."""
