"""Any two functions, timed in turn: the gate is on the ratio of their times."""
