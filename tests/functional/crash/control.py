"""What a careless program would do instead: the control of the harness, which must see it double."""

from collections.abc import Callable, Mapping

CONTROLS: Mapping[str, Callable[[], None]] = {}
