"""The benchmarks; with an installed package: `pytest --pyargs sparsebench.benchmarks`."""
