"""So many times in so long, counted in the cache. A cache that does not answer stops nobody: it protects, it decides nothing."""

import logging

from django.core.cache import cache

logger = logging.getLogger(__name__)


def allow(key: str, *, limit: int, seconds: int) -> bool:
    """Count one more for `key` and say whether that is still within `limit` since the first of these `seconds`."""
    try:
        cache.add(f"throttle:{key}", 0, seconds)
        return bool(cache.incr(f"throttle:{key}") <= limit)
    except ValueError:  # it ran out between the two calls
        return True
    except Exception:  # every backend has errors of its own
        logger.warning("The cache does not count", exc_info=True)
        return True
