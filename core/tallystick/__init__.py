"""Tallystick: the work-to-cash line of a managed service provider."""
