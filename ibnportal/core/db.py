"""Taking turns in the database where no row is there yet to lock."""

from django.db import connection


def advisory_turn(key: str) -> None:
    """Wait until nobody else holds this key, and hold it until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [key])
