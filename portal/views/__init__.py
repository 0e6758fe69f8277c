"""Citizen pages; one module a subject."""
