"""The report: a page with everything that was measured."""
