"""Memory with a bound: what was used least recently is forgotten first."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Sequence

Value = TypeVar("Value")


class ByteCache(Generic[Value]):
    """A mapping whose values together take at most so many bytes. Safe to use from many threads.

    Args:
        budget: The bound, in bytes. A value larger than it is not kept.

    Examples:
        >>> cache = ByteCache[str](budget=10)
        >>> cache.put([("a", "A", 4), ("b", "B", 4), ("c", "C", 4)])
        >>> cache.get(["a", "b", "c"]), cache.size
        ([None, 'B', 'C'], 8)
    """

    def __init__(self, budget: int) -> None:
        self._budget = budget
        self._lock = threading.Lock()
        self._entries: OrderedDict[Hashable, tuple[Value, int]] = OrderedDict()
        self._size = 0

    @property
    def size(self) -> int:
        """Bytes held."""
        return self._size

    def get(self, keys: Iterable[Hashable]) -> list[Value | None]:
        """Returns the value of each key, None where there is none; they now count as just used."""
        with self._lock:
            return [self._get(key) for key in keys]

    def put(self, entries: Sequence[tuple[Hashable, Value, int]]) -> None:
        """Keeps values.

        Args:
            entries: `(key, value, bytes)` of each; a key that is there already is replaced.
        """
        with self._lock:
            for key, value, size in entries:
                self._drop(key)
                if size <= self._budget:
                    self._entries[key] = value, size
                    self._size += size
            while self._size > self._budget:
                self._drop(next(iter(self._entries)))

    def drop(self, keys: Iterable[Hashable]) -> None:
        """Forgets keys."""
        with self._lock:
            for key in keys:
                self._drop(key)

    def _get(self, key: Hashable) -> Value | None:
        entry = self._entries.get(key)
        if entry is None:
            return None
        self._entries.move_to_end(key)
        return entry[0]

    def _drop(self, key: Hashable) -> None:
        entry = self._entries.pop(key, None)
        self._size -= entry[1] if entry else 0
