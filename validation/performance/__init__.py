"""What things cost: time, memory, and what a compiler makes of the loops."""
