"""How far figures move when nothing is wrong, and how often the gate is."""
