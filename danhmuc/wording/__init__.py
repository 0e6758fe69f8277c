"""Pages of the procedure controller: everyday names and situations in life."""
