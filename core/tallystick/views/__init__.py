"""Views: reading shells that gather what a person asked to see. They change nothing."""
