"""The report: a static page of everything that was measured, beside what was published."""
