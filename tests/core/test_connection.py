"""What every connection to the database brings along (settings)."""

import pytest
from django.db import connection

pytestmark = pytest.mark.django_db


def test_triggers_find_their_setting_without_a_failed_look_up():
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('pgtrigger.ignore')::text[] = '{}'")
        assert cursor.fetchone() == (True,)
