from datetime import UTC, date, datetime

import pytest

from ibnportal.core import clock
from ibnportal.core.workdays import add_working_days, deadline_after, is_working_day
from ibnportal.core.workdays.models import ClosingDay
from ibnportal.core.workdays.seed import seed_closing_days


@pytest.mark.rule("DAT-08")
@pytest.mark.rule("P2-COM-02")
@pytest.mark.parametrize(
    ("asked_on", "last_day"),
    [
        (date(2026, 5, 18), date(2026, 6, 4)),  # Monday, over Whit Monday 25 May
        (date(2026, 5, 11), date(2026, 5, 29)),  # over Ascension 14 May and Whit Monday
        (date(2026, 4, 20), date(2026, 5, 7)),  # over 1 May
        (date(2026, 7, 10), date(2026, 7, 29)),  # over 21 July
        (date(2026, 5, 16), date(2026, 6, 3)),  # a Saturday: counting starts on Monday
        (date(2026, 3, 26), date(2026, 4, 14)),  # over Easter Monday 6 April
        (date(2026, 2, 2), date(2026, 2, 18)),  # nothing in between
        (date(2026, 12, 18), date(2027, 1, 7)),  # over Christmas and New Year
    ],
)
def test_twelve_working_days_after_the_day_of_the_request(asked_on, last_day):
    assert add_working_days(asked_on, 12) == last_day


@pytest.mark.rule("DAT-08")
def test_a_closing_day_does_not_count():
    assert add_working_days(date(2026, 12, 18), 5) == date(2026, 12, 28)
    closed = {date(2026, 12, 28), date(2026, 12, 29), date(2026, 12, 30), date(2026, 12, 31)}
    assert add_working_days(date(2026, 12, 18), 5, closed) == date(2027, 1, 4)


def test_no_days_is_the_day_itself_and_days_never_run_backwards():
    assert add_working_days(date(2026, 5, 1), 0) == date(2026, 5, 1)
    with pytest.raises(ValueError, match="forward"):
        add_working_days(date(2026, 5, 1), -1)


def test_weekends_and_holidays_are_no_working_days():
    assert is_working_day(date(2026, 5, 13))
    assert not is_working_day(date(2026, 5, 14))
    assert not is_working_day(date(2026, 5, 16))


@pytest.mark.django_db
class TestDeadline:
    @pytest.mark.rule("P2-COM-02")
    def test_ends_with_the_last_day_in_brussels(self):
        deadline = deadline_after(date(2026, 5, 18), 12)
        assert clock.local(deadline).isoformat(timespec="seconds") == "2026-06-04T23:59:59+02:00"

    def test_an_instant_counts_by_its_day_in_brussels(self):
        late_on_the_17th_in_utc = datetime(2026, 5, 17, 22, 30, tzinfo=UTC)
        assert deadline_after(late_on_the_17th_in_utc, 12) == deadline_after(date(2026, 5, 18), 12)

    def test_reads_the_closing_days_on_record(self):
        ClosingDay.objects.create(date=date(2026, 6, 4), name="Sluiting")
        assert clock.local(deadline_after(date(2026, 5, 18), 12)).date() == date(2026, 6, 5)


@pytest.mark.django_db
def test_closing_days_are_seeded_once():
    assert seed_closing_days(range(2026, 2028)) == 18
    assert seed_closing_days(range(2026, 2028)) == 0
    days_2026 = ClosingDay.objects.filter(date__year=2026).values_list("date", flat=True)
    assert [(day.month, day.day) for day in days_2026] == [
        (7, 11), (11, 2), (11, 15), (12, 26), (12, 27), (12, 28), (12, 29), (12, 30), (12, 31),
    ]  # fmt: skip


@pytest.mark.django_db
def test_an_administrators_name_for_a_day_stays():
    ClosingDay.objects.create(date=date(2026, 7, 11), name="Onze feestdag")
    seed_closing_days([2026])
    assert ClosingDay.objects.get(date=date(2026, 7, 11)).name == "Onze feestdag"
