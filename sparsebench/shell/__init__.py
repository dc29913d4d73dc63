"""Layer 4: the pytest plugin and the command line; nothing imports them."""
