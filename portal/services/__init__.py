"""What the citizen pages may ask for and do; one module a subject."""
