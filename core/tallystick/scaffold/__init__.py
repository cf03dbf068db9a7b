"""`plugin new`: a package with a connector that works, to be made one's own."""
