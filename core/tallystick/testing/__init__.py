"""What those who build on Tallystick test with: a kit for connectors, and a world that fails in
every way it can."""
