"""The report: a page of everything that was measured."""
