"""Answers for the agency's own reporting tools: by a key that is shown once, expires, is revoked, and reads as a person."""

from datetime import date

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from ibnportal.core import clock as portal_clock
from ibnportal.core.accounts.domain.people import revoke_role
from ibnportal.core.accounts.enums import Role
from ibnportal.core.audit import trail
from ibnportal.core.audit.models import AuditEvent
from ibnportal.core.errors import DomainError
from ibnportal.portal import tokens
from ibnportal.portal.answers import register
from ibnportal.portal.models import ApiToken

pytestmark = pytest.mark.django_db

QP_20 = "/api/v1/qp-20.json"
UNTIL = date(2026, 6, 30)


@pytest.fixture
def reader(make_user):
    return make_user(Role.POLICY_READER)


@pytest.fixture
def administrator(make_user):
    return make_user(Role.ADMINISTRATOR, is_staff=True)


@pytest.fixture
def key(clock, reader, administrator):
    return tokens.issue(name="Rapportering", reads_as=reader, expires_on=UNTIL, by=administrator)


def bearer(secret):
    return {"Authorization": f"Bearer {secret}"}


def test_a_key_opens_what_its_person_may_read(client, key, programme):
    _, secret = key
    listed = client.get("/api/v1/", headers=bearer(secret))
    assert [one["id"] for one in listed.json()["questions"]] == [one.id for one in register.QUESTIONS]
    answer = client.get("/api/v1/qp-06.json?stand=2017-03-31", headers=bearer(secret))
    assert answer.json()["total"] == {"award": "4824749", "months": "921"}
    assert "no-cache" in answer["Cache-Control"]
    assert "Access-Control-Allow-Origin" not in answer
    assert client.get("/api/v1/qp-06.csv?stand=2017-03-31", headers=bearer(secret)).content.count(b"\r\n") == 15
    assert client.get("/api/v1/qa-08.json", headers=bearer(secret)).status_code == 200


def test_each_reading_is_in_the_trail_with_what_was_asked(client, key, reader):
    token, secret = key
    client.get(f"{QP_20}?stand=2020-01-31", headers=bearer(secret))
    last = trail.history(token).last()
    assert (last.action, last.actor) == ("apitoken.read", reader)
    assert last.changes == {"question": "QP-20", "stand": "2020-01-31"}


def test_the_secret_is_kept_nowhere(key):
    token, secret = key
    assert secret not in str([*ApiToken.objects.values(), *AuditEvent.objects.values()])
    assert secret.startswith(token.hint)
    assert len(secret) > 40


class TestAKeyThatOpensNothing:
    def refused(self, client, secret):
        answer = client.get(QP_20, headers=bearer(secret))
        assert answer.status_code == 401
        assert answer["WWW-Authenticate"].startswith("Bearer")
        return answer.json()["error"]

    def test_unknown(self, client, key):
        for secret in ("x", "", "ibn_' OR 1=1 --", key[1] + "x", key[1][:-1], key[0].token_hash, "é" * 5_000):
            assert "onbekend, vervallen of ingetrokken" in self.refused(client, secret)

    def test_expired_the_day_after_its_last(self, client, key, clock):
        clock.set("2026-06-30T23:59")
        assert client.get(QP_20, headers=bearer(key[1])).status_code == 200
        clock.set("2026-07-01T00:00")
        self.refused(client, key[1])

    def test_revoked(self, client, key, administrator):
        tokens.revoke(key[0], by=administrator)
        tokens.revoke(key[0], by=administrator)
        self.refused(client, key[1])
        assert [event.action for event in trail.history(key[0])] == ["apitoken.issued", "apitoken.revoked"]

    def test_of_who_no_longer_reads_for_policy(self, client, key, reader, administrator):
        revoke_role(reader, Role.POLICY_READER, by=administrator)
        self.refused(client, key[1])

    def test_of_who_was_deactivated(self, client, key, reader):
        reader.is_active = False
        reader.save()
        self.refused(client, key[1])

    def test_too_many_wrong_ones_have_to_wait(self, client, key):
        for _ in range(20):
            self.refused(client, "x")
        answer = client.get(QP_20, headers=bearer("x"))
        assert (answer.status_code, answer["Retry-After"]) == (429, "60")
        assert client.get(QP_20, headers=bearer(key[1])).status_code == 200

    def test_behind_a_proxy_the_wrong_keys_of_one_do_not_count_for_another(self, client, key, settings):
        settings.TRUSTED_PROXY_COUNT = 1
        for _ in range(20):
            client.get(QP_20, headers=bearer("x") | {"X-Forwarded-For": "192.0.2.1"})
        asked = [
            client.get(QP_20, headers=bearer("x") | {"X-Forwarded-For": f"192.0.2.{last}"}).status_code
            for last in (1, 2)
        ]
        assert asked == [429, 401]


def test_a_key_may_ask_so_often(client, key):
    for _ in range(120):
        assert client.get("/api/v1/onbekend.json", headers=bearer(key[1])).status_code == 404
    assert client.get(QP_20, headers=bearer(key[1])).status_code == 429


def test_a_key_writes_nothing_and_opens_nothing_else(client, key):
    assert client.post(QP_20, headers=bearer(key[1])).status_code in {403, 405}
    assert client.get("/antwoorden/", headers=bearer(key[1])).status_code == 302
    assert client.get("/beheer/", headers=bearer(key[1])).status_code == 302


@pytest.mark.parametrize(
    "name", ["stand", "oproep", "netwerk", "type", "provincie", "sector", "grootte", "onderneming"]
)
def test_injection_in_each_parameter_is_400_with_its_reason(name, client, key):
    for text in ("' OR 1=1 --", "1; DROP TABLE monitoring_network", "<script>alert(1)</script>", "é" * 300, "a\x00b"):
        answer = client.get(QP_20, {name: text}, headers=bearer(key[1]))
        assert answer.status_code == 400
        assert answer.json()["error"]


@pytest.mark.parametrize("path", ["/api/v1/qx-1.json", "/api/v1/qp-20.exe", "/api/v1/qp-20.xlsx"])
def test_what_is_not_there_is_404(path, client, key):
    assert client.get(path, headers=bearer(key[1])).status_code == 404


def test_people_without_a_key_log_in_as_policy(client, as_user, reader, make_user):
    assert client.get(QP_20).status_code == 302
    assert as_user(reader).get(QP_20).status_code == 200
    assert as_user(make_user(Role.CASE_HANDLER)).get(QP_20).status_code == 404


def test_a_program_without_a_key_is_told_so_and_not_sent_to_a_form(client, db):
    for path in (QP_20, "/api/v1/", "/api/v1/qx-1.json"):
        answer = client.get(path, headers={"Accept": "application/json"})
        assert (answer.status_code, answer["Content-Type"]) == (401, "application/problem+json")
        assert answer["WWW-Authenticate"].startswith("Bearer")
        assert "Access-Control-Allow-Origin" not in answer
    assert client.get(QP_20, headers={"Accept": "text/html,*/*"})["Location"].startswith("/account/login/")


def test_a_large_answer_is_read_in_parts(client, key, programme):
    def read(address):
        return client.get(address, headers=bearer(key[1]))

    first = read("/api/v1/qp-06.json?stand=2017-03-31&aantal=6")
    second = read(first.json()["next"])
    third = read(second.json()["next"])
    parts = [one.json() for one in (first, second, third)]
    assert [(len(one["rows"]), one["number_of_rows"]) for one in parts] == [(6, 14), (6, 14), (2, 14)]
    assert third.json()["next"] is None
    assert "Link" not in third
    assert first["Link"] == f'<{first.json()["next"]}>; rel="next"'
    whole = read("/api/v1/qp-06.json?stand=2017-03-31").json()
    assert [row for one in parts for row in one["rows"]] == whole["rows"]
    assert [one["total"] for one in parts] == [whole["total"]] * 3
    assert read("/api/v1/qp-06.csv?stand=2017-03-31&vanaf=12").content.count(b"\r\n") == 3


@pytest.mark.parametrize("query", ["aantal=0", "aantal=-1", "aantal=x", "vanaf=²", "aantal=" + "9" * 300, "vanaf=14"])
def test_a_part_that_cannot_be_is_400_with_its_reason(query, client, key, programme):
    answer = client.get(f"/api/v1/qp-06.json?stand=2017-03-31&{query}", headers=bearer(key[1]))
    assert answer.status_code == 400
    assert answer.json()["detail"].startswith(("Aantal: ", "Vanaf: "))


def test_it_is_described_with_the_open_data(client):
    described = client.get("/open-data/v1/openapi.json").json()
    address = described["paths"]["/api/v1/qa-03.csv"]
    assert address["get"]["security"] == [{"key": []}]
    assert address["servers"] == [{"url": "http://testserver"}]
    assert {"200", "400", "401", "429"} == set(address["get"]["responses"])
    assert described["components"]["securitySchemes"]["key"]["scheme"] == "bearer"
    assert "security" not in described["paths"]["/open-data/v1/qp-19.json"]["get"]


class TestMaking:
    @pytest.mark.parametrize(
        ("expires_on", "message"),
        [(date(2026, 1, 20), "kies een dag na vandaag"), (date(2027, 1, 22), "hoogstens een jaar ver, tot 21/01/2027")],
    )
    def test_it_holds_a_year_at_most(self, expires_on, message, clock, reader, administrator):
        with pytest.raises(DomainError, match=message):
            tokens.issue(name="x", reads_as=reader, expires_on=expires_on, by=administrator)

    def test_it_reads_as_somebody_who_reads_for_policy_and_is_made_by_an_administrator(
        self, clock, reader, administrator, make_user
    ):
        with pytest.raises(DomainError, match="beantwoordt geen vragen voor beleid"):
            tokens.issue(name="x", reads_as=make_user(Role.EXPERT), expires_on=UNTIL, by=administrator)
        with pytest.raises(DomainError, match="Enkel een beheerder"):
            tokens.issue(name="x", reads_as=reader, expires_on=UNTIL, by=reader)

    def test_in_the_admin_the_secret_is_shown_once(self, as_user, administrator, reader, clock):
        client = as_user(administrator)
        given = {"name": "Rapportering", "reads_as": reader.pk, "expires_on": "2026-06-30"}
        page = client.post(reverse("admin:portal_apitoken_add"), given)
        token = ApiToken.objects.get()
        assert page.status_code == 200
        assert "no-store" in page["Cache-Control"]
        [secret] = [
            word
            for word in page.content.decode().replace("<", " ").replace(">", " ").split()
            if word.startswith("ibn_")
        ]
        assert tokens.holder_of(secret) == token
        for url in (
            reverse("admin:portal_apitoken_changelist"),
            reverse("admin:portal_apitoken_change", args=[token.pk]),
        ):
            assert secret not in client.get(url).content.decode()
        client.post(reverse("admin:portal_apitoken_changelist"), {"action": "revoke", "_selected_action": [token.pk]})
        assert tokens.holder_of(secret) is None

    def test_in_the_admin_a_wrong_day_comes_back_at_its_field(self, as_user, administrator, reader, clock):
        given = {"name": "x", "reads_as": reader.pk, "expires_on": "2031-01-01"}
        page = as_user(administrator).post(reverse("admin:portal_apitoken_add"), given)
        assert "hoogstens een jaar ver" in page.content.decode()
        assert not ApiToken.objects.exists()

    def test_the_database_wants_who_revoked(self, key):
        with pytest.raises(IntegrityError), transaction.atomic():
            ApiToken.objects.update(revoked_at=portal_clock.now())
