"""A process of the engine whose world is the counting one: `process.py serve CONFIG`."""

from __future__ import annotations

import logging
import sys
from pathlib import Path

from outside import plugins  # this file's own folder is where a script imports from

from tallystick.cli.serving import ends_by
from tallystick.engine.installation import open_installation
from tallystick.engine.serve import Health, Signals, serve

if __name__ == "__main__":
    _, what, config = sys.argv
    logging.basicConfig(level=logging.INFO)
    with open_installation(Path(config), plugins=plugins(), environ={}) as installation:
        signals = Signals()
        ends_by(signals.end)
        serve(installation, signals, Health(installation.now()))
