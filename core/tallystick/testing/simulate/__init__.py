"""A whole month-end in a world that fails, played from one number.

`simulate(seed)` plays one schedule: the real line over a real database, against vendors that
lose answers, answer late or twice, and a process that ends at any moment. The same seed plays
the same schedule, to be read as a trace and replayed until what it found is understood.
"""

from tallystick.testing.simulate.play import Played, simulate

__all__ = ["Played", "simulate"]
