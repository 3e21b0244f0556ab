import pytest
import redis
from django.db import DatabaseError

from ibnportal.core.health import views


@pytest.mark.django_db
class TestHealth:
    def test_is_well_when_database_and_broker_answer(self, client, monkeypatch):
        monkeypatch.setattr(views, "_redis_answers", lambda: True)
        response = client.get("/gezondheid/")
        assert response.status_code == 200
        assert response.json() == {"status": "ok", "database": "ok", "redis": "ok"}

    def test_says_which_does_not_answer(self, client, settings):
        settings.REDIS_URL = "redis://127.0.0.1:1/0"
        response = client.get("/gezondheid/")
        assert response.status_code == 503
        assert response.json() == {"status": "fout", "database": "ok", "redis": "fout"}

    def test_a_database_that_is_down_is_no_crash(self, monkeypatch, rf):
        def refuse():
            raise DatabaseError

        monkeypatch.setattr(views.connection, "cursor", refuse)
        monkeypatch.setattr(redis.Redis, "ping", lambda self: True)
        assert views.health(rf.get("/gezondheid/")).status_code == 503
