from datetime import UTC, date, datetime, timedelta
from threading import Thread

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from ibnportal.core import clock as portal_clock
from ibnportal.core.democlock.apps import demo_only_in_debug
from ibnportal.core.errors import DomainError


@pytest.mark.rule("DAT-12")
def test_noon_in_brussels_is_eleven_utc_in_winter_and_ten_in_summer():
    assert portal_clock.at_noon(date(2026, 1, 23)) == datetime(2026, 1, 23, 11, tzinfo=UTC)
    assert portal_clock.at_noon(date(2026, 5, 11)) == datetime(2026, 5, 11, 10, tzinfo=UTC)


def test_the_end_of_a_day_includes_its_last_instant(clock):
    clock.set(datetime(2026, 5, 11, 23, 59, 59, 999_999, tzinfo=portal_clock.BRUSSELS))
    assert clock.now() <= portal_clock.end_of_day(date(2026, 5, 11))
    clock.advance(microseconds=1)
    assert clock.now() > portal_clock.end_of_day(date(2026, 5, 11))


def test_today_is_the_date_in_brussels(clock):
    clock.set(datetime(2026, 7, 20, 22, 30, tzinfo=UTC))
    assert portal_clock.today() == date(2026, 7, 21)


def test_a_moment_without_zone_is_meant_in_brussels():
    assert portal_clock.moment("2026-01-20T10:00") == datetime(2026, 1, 20, 9, tzinfo=UTC)
    assert portal_clock.moment("2026-01-20T10:00+00:00") == datetime(2026, 1, 20, 10, tzinfo=UTC)


def test_fixed_blocks_nest_and_end():
    before = portal_clock.real_now()
    with portal_clock.fixed("2026-01-20T10:00"):
        with portal_clock.fixed("2026-02-02T10:00"):
            assert portal_clock.today() == date(2026, 2, 2)
        assert portal_clock.today() == date(2026, 1, 20)
    assert portal_clock.now() >= before


def test_a_stopped_clock_stands_still_in_other_threads_too(clock):
    seen = []
    thread = Thread(target=lambda: seen.append(portal_clock.now()))
    thread.start()
    thread.join()
    assert seen == [clock.now()]


@pytest.mark.django_db
def test_in_production_the_clock_asks_nothing_of_the_database(settings, django_assert_num_queries):
    settings.DEMO = False
    with django_assert_num_queries(0):
        portal_clock.now()


@pytest.mark.django_db
class TestTheDemoClock:
    def test_travels_for_everybody_and_runs_on(self, settings):
        settings.DEMO = True
        portal_clock.set_demo_now("2027-10-04T10:00")
        difference = portal_clock.now() - portal_clock.moment("2027-10-04T10:00")
        assert timedelta(seconds=-1) <= difference < timedelta(seconds=30)

    def test_is_read_once_a_request(self, settings, client):
        settings.DEMO = True
        portal_clock.set_demo_now("2027-10-04T10:00")
        with CaptureQueriesContext(connection) as queries:
            portal_clock.now()
            portal_clock.today()
        assert len(queries) == 1
        client.get("/gezondheid/")
        with CaptureQueriesContext(connection) as queries:
            portal_clock.now()
        assert len(queries) == 1

    def test_goes_back_to_real_time(self, settings):
        settings.DEMO = True
        portal_clock.set_demo_now("2027-10-04T10:00")
        portal_clock.reset_demo_clock()
        assert abs(portal_clock.now() - portal_clock.real_now()) < timedelta(seconds=5)

    def test_is_refused_outside_the_demo(self, settings):
        settings.DEMO = False
        with pytest.raises(DomainError, match="alleen in de demo"):
            portal_clock.set_demo_now("2027-10-04T10:00")


def test_the_demo_is_an_error_outside_debug(settings):
    settings.DEMO, settings.DEBUG = True, False
    assert [error.id for error in demo_only_in_debug()] == ["ibn.E001"]
    settings.DEBUG = True
    assert demo_only_in_debug() == []
