"""Tax: which rate applies, and the tax on a document."""
