"""Reads the reference data in `danhmuc/data` into the database: checks a file whole, then writes what changed."""
