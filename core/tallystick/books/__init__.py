"""The books, pure: which balanced entries every money fact makes."""
