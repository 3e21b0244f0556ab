"""A read whose text is made once answers like the query set it was made of, for other values, shapes and threads."""

import threading
from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Case, CharField, OuterRef, Subquery, Value, When
from django.db.models.functions import Upper

from calls.models import Call
from ibnportal.core.accounts.enums import Role
from ibnportal.core.accounts.models import RoleGrant, User
from ibnportal.core.audit import trail
from ibnportal.core.audit.models import AuditEvent
from ibnportal.core.statements import Day, Planned, Statement, written

pytestmark = pytest.mark.django_db


@pytest.fixture
def people(make_user):
    return [make_user(Role.CASE_HANDLER), make_user(Role.SECRETARY), make_user(Role.CASE_HANDLER)]


def of_keys(keys):
    return RoleGrant.objects.filter(user__in=keys).select_related("user").order_by("pk")


def test_it_answers_like_the_query_set_in_one_query(people, django_assert_num_queries):
    grants = Statement(of_keys)
    for some in (people[:2], people[1:], people, people[:1]):
        keys = tuple(person.pk for person in some)
        with django_assert_num_queries(1):
            found = [(grant, grant.user.email) for grant in grants.all(keys)]
        assert found == [(grant, grant.user.email) for grant in of_keys(keys)]


def test_of_no_keys_there_is_nothing_and_nothing_is_asked(people, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert Statement(of_keys).all(()) == []


def test_texts_are_filled_in_whatever_stands_in_them(people):
    named = Statement(lambda name, key: User.objects.filter(full_name=name, pk=key))
    for name in ("O'Neill", "100 % zeker", "%s", "'; --"):
        User.objects.filter(pk=people[0].pk).update(full_name=name)
        assert named.all(name, people[0].pk) == [people[0]]
        assert named.all(name, people[1].pk) == []


def test_a_choice_is_part_of_the_text(people):
    def having(role):
        assert isinstance(role, Role)
        return User.objects.filter(role_grants__role=role).order_by("pk")

    users = Statement(having)
    assert users.all(Role.CASE_HANDLER) == [people[0], people[2]]
    assert users.all(Role.SECRETARY) == [people[1]]


def test_a_set_of_choices_is_part_of_the_text_and_a_moment_is_filled_in(people):
    def since(roles, at):
        held = User.objects.filter(role_grants__role__in=sorted(roles), date_joined__lt=at)
        return held.order_by("pk") if Role.SECRETARY in roles else held.none()

    users = Statement(since)
    now = datetime(2026, 5, 1, 9, 30, 15, 123456, tzinfo=UTC)
    User.objects.update(date_joined=now)
    assert users.all(frozenset({Role.SECRETARY}), now) == []
    assert users.all(frozenset({Role.SECRETARY}), now + timedelta(microseconds=1)) == [people[1]]
    both = frozenset({Role.SECRETARY, Role.CASE_HANDLER})
    assert users.all(both, now + timedelta(days=1)) == people


def test_a_moment_that_the_query_set_takes_by_itself_is_refused(people):
    of_before = Statement(lambda key: User.objects.filter(pk=key, date_joined__lt=datetime(2026, 5, 1, tzinfo=UTC)))
    with pytest.raises(TypeError, match="hand it over as a value"):
        of_before.all(people[0].pk)


def test_a_text_within_a_pattern_is_refused_and_not_kept(people):
    named = Statement(lambda text: User.objects.filter(full_name__icontains=text))
    with pytest.raises(TypeError, match="make the pattern first"):
        named.all("an")


def test_a_number_that_is_no_key_is_refused_and_not_answered_with_nothing(people):
    by_years = Statement(lambda years: Call.objects.filter(year=years))
    with pytest.raises(EmptyResultSet):
        by_years.all(2025)


def test_another_thread_asks_with_a_connection_of_its_own(people):
    users = Statement(lambda key: User.objects.filter(pk=key))
    users.all(people[0].pk)
    found = []

    def ask():
        try:
            found.append(users.all(people[0].pk))
        finally:
            connection.close()

    thread = threading.Thread(target=ask)
    thread.start()
    thread.join()
    assert found == [[]]  # what this test added is not committed, so another connection sees nobody


def test_a_planned_read_is_one_query_from_its_first_time_on(people, django_assert_num_queries):
    emails = Planned("SELECT email FROM accounts_user WHERE full_name <> %s AND id = ", ["100 % 'niemand'"])
    for person in (*people, people[0]):
        with django_assert_num_queries(1):
            assert emails.value(person.pk) == person.email
    again = Planned("SELECT email FROM accounts_user WHERE full_name <> %s AND id = ", ["100 % 'niemand'"])
    assert again.value(people[1].pk) == people[1].email  # the connection knows that plan already


def test_an_expression_that_is_written_once_says_the_same_of_each_row(people):
    roles = RoleGrant.objects.filter(user=OuterRef("pk")).order_by("role").values("role")[:1]
    saying = Case(When(full_name="100 % zeker", then=Value("%s")), default=Subquery(roles), output_field=CharField())
    User.objects.filter(pk=people[0].pk).update(full_name="100 % zeker")
    found = User.objects.filter(pk__in=[person.pk for person in people]).order_by("pk")
    kept = written(User, saying)
    for _ in range(2):
        asked = found.annotate(says=kept).exclude(says="none").values_list("says", flat=True)
        assert list(asked) == list(found.annotate(says=saying).values_list("says", flat=True))


def test_an_expression_that_needs_another_table_beside_the_row_is_not_written():
    with pytest.raises(TypeError, match="subquery"):
        written(RoleGrant, Upper("user__email"))


def test_lines_are_those_of_the_values_of_the_query_set(people, django_assert_num_queries):
    def names(keys, columns):
        return User.objects.filter(pk__in=keys).order_by("-pk").values_list("pk", *columns)

    listed = Statement(names)
    for columns in (("email",), ("email", "full_name"), ()):
        for some in (people[:2], people[1:]):
            keys = tuple(person.pk for person in some)
            with django_assert_num_queries(1):
                found = listed.lines(keys, columns)
            assert found == list(names(keys, columns))
    assert listed.lines((), ("email",)) == []


def test_lines_hold_what_a_column_means(db):
    call = Call.objects.create(code="x", year=2020, name="x", launched_on=date(2020, 2, 3))
    recorded = trail.record("call.published", call, by=None, changes={"name": ["", "x"]})
    acts = Statement(lambda key: AuditEvent.objects.filter(pk=key).values_list("action", "changes"))
    assert acts.lines(recorded.pk) == [("call.published", {"name": ["", "x"]})]


def test_a_day_is_filled_in_where_a_date_by_itself_is_part_of_the_text(db):
    for day in (date(2020, 2, 3), date(2021, 2, 3)):
        Call.objects.create(code=f"{day:%Y}", year=day.year, name="x", launched_on=day)
    launched = Statement(lambda day: Call.objects.filter(launched_on__lte=day).order_by("year").values_list("code"))
    assert launched.lines(Day(date(2020, 12, 31))) == [("2020",)]
    assert launched.lines(Day(date(2021, 12, 31))) == [("2020",), ("2021",)]
    assert launched.lines(date(2020, 12, 31)) == [("2020",)]


def test_nothing_is_reckoned_with_a_day_that_is_filled_in(db):
    of_year = Statement(lambda day: Call.objects.filter(year__lte=day.year))
    with pytest.raises(TypeError, match="hand over what you reckoned"):
        of_year.all(Day(date(2020, 12, 31)))
