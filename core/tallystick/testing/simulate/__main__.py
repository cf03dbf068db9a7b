"""`python -m tallystick.testing.simulate --seed 4711`: one seed again, with its whole trace."""

from __future__ import annotations

import argparse
import sys

from tallystick.testing.simulate.many import play_many
from tallystick.testing.simulate.play import simulate


def main() -> int:
    """1 where something did not hold."""
    parser = argparse.ArgumentParser(prog="python -m tallystick.testing.simulate")
    parser.add_argument("--seed", type=int, default=0, help="the seed to play, or the first")
    parser.add_argument("--seeds", type=int, default=1, help="how many, from that one on")
    given = parser.parse_args()
    if given.seeds == 1:
        played = simulate(given.seed, told=True)
    else:
        found = play_many(given.seed, given.seeds)
        if found is None:
            return 0
        played = found
    sys.stdout.write(f"{played}\n")
    return int(bool(played.broken))


if __name__ == "__main__":
    sys.exit(main())
