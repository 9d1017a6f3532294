"""A mapping with a bound in bytes: judged by a slow one, on any sequence of uses."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tensorboard_curveboard.cache import ByteCache

KEYS = st.sampled_from("abcde")
USES = st.lists(
    st.tuples(st.just("put"), KEYS, st.integers(0, 12))
    | st.tuples(st.just("get"), KEYS, st.just(0))
    | st.tuples(st.just("drop"), KEYS, st.just(0)),
    max_size=40,
)


@given(USES)
def test_what_was_used_least_recently_goes_first(uses: list[tuple[str, str, int]]) -> None:
    cache: ByteCache[int] = ByteCache(budget=10)
    slow: list[tuple[str, int]] = []  # the least recently used first
    for use, key, size in uses:
        known = [one for one in slow if one[0] == key]
        slow = [one for one in slow if one[0] != key]
        if use == "put":
            cache.put([(key, size, size)])
            slow += [(key, size)] if size <= 10 else []
            while sum(size for _, size in slow) > 10:
                slow.pop(0)
        elif use == "get":
            assert cache.get([key]) == ([known[0][1]] if known else [None])
            slow += known
        else:
            cache.drop([key])
        assert cache.size == sum(size for _, size in slow) <= 10
    assert cache.get("abcde") == [dict(slow).get(key) for key in "abcde"]
