"""What those who build on Tallystick test with: a world that fails in every way it can."""
