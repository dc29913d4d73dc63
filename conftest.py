"""Shared by tests and benchmarks: pytester, which must be named at the root."""

pytest_plugins = ["pytester"]
