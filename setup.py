"""What pyproject.toml cannot say: benchmarks and baselines are packages of the wheel.

They lie beside the package, where people look for them. Installed, they are `sparsebench.benchmarks`
and `sparsebench.baselines`, so that `pytest --pyargs sparsebench.benchmarks` needs no checkout.
"""

from setuptools import find_packages, setup

BESIDE = {"sparsebench.benchmarks": "benchmarks", "sparsebench.baselines": "baselines"}

setup(packages=[*find_packages(include=["sparsebench*"]), *BESIDE], package_dir=BESIDE)
