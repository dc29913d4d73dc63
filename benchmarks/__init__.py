"""The benchmarks; where the package is installed: `pytest --pyargs sparsebench.benchmarks`."""
