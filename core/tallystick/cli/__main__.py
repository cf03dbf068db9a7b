"""`python -m tallystick.cli`."""

from tallystick.cli.app import main

main()
