"""How a bug is planted into the line while a test looks on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any
from unittest.mock import patch

from tallystick.testing.simulate import play

Plant = Callable[[], AbstractContextManager[object]]


def planting(known: dict[str, Plant]) -> Callable[[Plant], Plant]:
    """Has `known` know a plant by what its function is called."""

    def planted(plant: Plant) -> Plant:
        known[plant.__name__.replace("_", " ")] = plant
        return plant

    return planted


@contextmanager
def in_every_world(begin: Callable[[Any], object]) -> Iterator[None]:
    """`begin` is done to the world of every schedule before it is played."""
    build = play.World

    def built(*given: Any) -> Any:
        world = build(*given)
        begin(world)
        return world

    with patch.object(play, "World", built):
        yield
