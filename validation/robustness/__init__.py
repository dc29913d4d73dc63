"""Effects of damage, kills, bugs and hostile files."""
