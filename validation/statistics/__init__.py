"""How far figures vary when nothing is wrong, and how often the gate errs."""
