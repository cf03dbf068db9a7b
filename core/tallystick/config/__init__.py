"""`tallystick.toml`: what it may say, how it is read, checked and first written."""
