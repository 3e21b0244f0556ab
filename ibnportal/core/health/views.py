"""The page that a load balancer asks: database and broker, independent of any worker."""

import logging

import redis
from django.conf import settings
from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from ibnportal.core.access import PUBLIC, access

logger = logging.getLogger(__name__)


@require_safe
@never_cache
@access(PUBLIC)
def health(request: HttpRequest) -> JsonResponse:  # noqa: ARG001 - a view
    """200 when both answer, 503 otherwise; says which, not why."""
    state = {"database": _database_answers(), "redis": _redis_answers()}
    is_well = all(state.values())
    words = {name: "ok" if answers else "fout" for name, answers in state.items()}
    return JsonResponse({"status": "ok" if is_well else "fout", **words}, status=200 if is_well else 503)


def _database_answers() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        logger.exception("The database does not answer")
        return False
    return True


def _redis_answers() -> bool:
    try:
        client = redis.Redis.from_url(settings.REDIS_URL, socket_connect_timeout=2, socket_timeout=2)
        try:
            return bool(client.ping())
        finally:
            client.close()
    except (redis.RedisError, OSError, ValueError):
        logger.exception("Redis does not answer")
        return False
