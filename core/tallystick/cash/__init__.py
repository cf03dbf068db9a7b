"""Cash: collecting what is due, and finding each movement of the bank its invoice."""
