"""Measures the system beside its load contract: `manage.py bench`, see docs/performance.md."""
