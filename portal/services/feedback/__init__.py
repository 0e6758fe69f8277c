"""Feedback and questions: `intake` takes them in, `door` takes every further step, the rest serves these two."""
