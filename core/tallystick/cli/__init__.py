"""The command line: what people type, and the tables they look at."""
