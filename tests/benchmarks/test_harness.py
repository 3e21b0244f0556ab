"""The measure measures: a floor beside itself is one, a slow page is not."""

import pytest
from django.http import HttpRequest, HttpResponse

from tests.benchmarks.harness import measure, report, rows_floor

pytestmark = [pytest.mark.benchmark, pytest.mark.django_db]


def hundred_rows():
    return ((number, "row") for number in range(100))


def test_a_floor_beside_itself_is_about_one(client, django_user_model):
    client.force_login(_someone(django_user_model))
    found = measure(client, "/bench-floor/", floor=rows_floor(hundred_rows))
    report("floor beside itself", {0: found})
    assert 0.7 < found.ratio < 1.4
    assert found.page.queries <= 3


def test_a_page_that_writes_five_hundred_times_as_much_is_seen(client, django_user_model, settings):
    client.force_login(_someone(django_user_model))
    quick = measure(client, "/bench-floor/", floor=rows_floor(hundred_rows)).floor

    def slow(request: HttpRequest) -> HttpResponse:
        for _ in range(500):
            answer = rows_floor(hundred_rows)(request)
        return answer

    assert measure(client, "/bench-floor/", floor=slow, rounds=3).floor.median > 5 * quick.median


def _someone(django_user_model):
    return django_user_model.objects.create(email="bench@voorbeeld.be")
