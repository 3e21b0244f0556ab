"""Who has the same page open now: a courtesy kept in the cache, never a lock. Without a cache nobody is seen, nothing breaks."""

import datetime as dt
from typing import Any

from django.core.cache import cache

from ibnportal.core import clock

SEEN_FOR = dt.timedelta(seconds=75)


def look(place: str, user: Any) -> list[str]:
    """Note that this person is at `place` (a page's address) and give the names of the others seen there just now."""
    now = clock.real_now()
    key = f"presence:{place}"
    try:
        seen: dict[int, tuple[str, dt.datetime]] = cache.get(key) or {}
        seen = {pk: found for pk, found in seen.items() if now - found[1] < SEEN_FOR}
        others = sorted(name for pk, (name, _at) in seen.items() if pk != user.pk)
        # Two people at the very same moment may write over each other here; the next look a few seconds later mends that.
        cache.set(key, {**seen, user.pk: (str(user), now)}, timeout=SEEN_FOR.total_seconds())
    except Exception:  # noqa: BLE001 - whatever is wrong with the cache, the page is more important than this courtesy
        return []
    return others
