"""What damage, kills, bugs and hostile files do."""
