"""Forms of the citizen pages; the electronic form of a procedure is hoso's."""
