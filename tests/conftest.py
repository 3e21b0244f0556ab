"""What every test may use: a clock, people who are logged in, an outbox to empty, and a file store of its own."""

import gc
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from unittest import mock

import pgtrigger
import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client, TransactionTestCase

from ibnportal.core import clock as portal_clock
from tests.factories.remembered import forget_the_test

BACKEND = "ibnportal.core.accounts.backends.SessionBackend"


class SettableClock:
    """`clock.set("2026-01-20T10:00")` stops time there (Brussels), for threads too; `advance` moves it on."""

    def set(self, at: datetime | str) -> datetime:
        portal_clock.freeze(at)
        return portal_clock.now()

    def advance(self, **delta: float) -> datetime:
        return self.set(portal_clock.now() + timedelta(**delta))

    def run(self) -> None:
        portal_clock.freeze(None)

    def now(self) -> datetime:
        return portal_clock.now()


@pytest.fixture
def clock() -> Iterator[SettableClock]:
    """Stopped on 20 January 2026 at 10:00, when phase 1 of the call of 2025 is open."""
    settable = SettableClock()
    settable.set("2026-01-20T10:00")
    yield settable
    settable.run()


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> None:
    """The portal's own account is there from the start, the same one for every test (of a run that asks for a database)."""
    from ibnportal.core.accounts.domain.people import system_user

    if connection.settings_dict["NAME"].startswith("test_"):
        with django_db_blocker.unblock():
            system_user()


@pytest.fixture(autouse=True)
def _own_media_root(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture(autouse=True)
def _forget_between_tests() -> Iterator[None]:
    forget_the_test()
    yield
    cache.clear()  # rate limits and used codes
    portal_clock.freeze(None)
    portal_clock.forget_demo_offset()


@pytest.fixture(scope="session", autouse=True)
def _nothing_survives_a_power_cut() -> Iterator[None]:
    """Files of a test need not reach the disk, and its rows and pages are many small objects: collected less often."""
    gc.freeze()
    gc.set_threshold(200_000, 50, 100)
    with mock.patch("os.fsync"):
        yield


@pytest.fixture(scope="session", autouse=True)
def _static_root_exists() -> None:
    """Whitenoise warns where nothing was collected yet."""
    from django.conf import settings

    Path(settings.STATIC_ROOT).mkdir(parents=True, exist_ok=True)


@pytest.fixture(scope="session", autouse=True)
def _broker_in_memory() -> None:
    """No test announces work to a real worker; `drain_outbox` performs it."""
    from ibnportal.celery import app

    app.conf.update(broker_url="memory://", broker_transport_options={})


@pytest.fixture(scope="session", autouse=True)
def _flush_may_empty_the_trail() -> Iterator[None]:
    """Tests with `transaction=True` end with a TRUNCATE of every table, which the audit trail refuses otherwise.

    The portal's own account comes back as it was: what another test remembers was made in its name.
    """
    from ibnportal.core.accounts.domain.people import system_user

    original = TransactionTestCase._fixture_teardown

    def teardown(self: TransactionTestCase) -> None:
        system = system_user()
        with pgtrigger.ignore("audit.AuditEvent:no_truncate"):
            original(self)
        system.save_base(raw=True, force_insert=True)

    TransactionTestCase._fixture_teardown = teardown
    yield
    TransactionTestCase._fixture_teardown = original


@pytest.fixture
def make_user(db: None) -> Callable[..., Any]:
    """`make_user(Role.EXPERT)`, `make_user(organisation=org, is_legal_representative=True)`: a user, staff with MFA."""
    from tests.factories.core import MembershipFactory, StaffFactory, UserFactory

    def make(*roles: Any, organisation: Any = None, is_legal_representative: bool = False, **fields: Any) -> Any:
        if not roles:
            user = UserFactory(**fields)
        else:
            from ibnportal.core.accounts.domain.people import grant_role

            user = StaffFactory(role=roles[0], **fields)
            for role in roles[1:]:
                grant_role(user, role, by=None)
        if organisation is not None:
            MembershipFactory(user=user, organisation=organisation, is_legal_representative=is_legal_representative)
        user.forget_access()
        return user

    return make


@pytest.fixture
def as_user(db: None) -> Callable[..., Client]:
    """`as_user(user)`: a client logged in as that user; the user is `client.user`."""

    def sign_in(user: Any) -> Client:
        client = Client()
        client.force_login(user, backend=BACKEND)
        client.user = user
        return client

    return sign_in


@pytest.fixture
def as_role(make_user: Callable[..., Any], as_user: Callable[..., Client]) -> Callable[..., Client]:
    """`as_role(Role.EXPERT)`: a client logged in as a new user with these roles and a second factor."""

    def sign_in(*roles: Any, **fields: Any) -> Client:
        return as_user(make_user(*roles, **fields))

    return sign_in


@pytest.fixture
def as_applicant(make_user: Callable[..., Any], as_user: Callable[..., Client]) -> Callable[..., Client]:
    """`as_applicant(organisation)`: a client logged in as a (legal) representative; `client.organisation`."""
    from tests.factories.core import OrganisationFactory

    def sign_in(organisation: Any = None, *, is_legal_representative: bool = True, **fields: Any) -> Client:
        organisation = organisation or OrganisationFactory()
        user = make_user(organisation=organisation, is_legal_representative=is_legal_representative, **fields)
        client = as_user(user)
        client.organisation = organisation
        return client

    return sign_in


@pytest.fixture
def drain_outbox(db: None) -> Callable[..., int]:
    """Perform all that waits in the outbox, here and now; raises the first error."""
    from ibnportal.core.outbox.queue import drain

    return drain


@pytest.hookimpl(hookwrapper=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> Iterator[None]:
    """What walks the whole portal is a sweep: it takes as long as all the rest together, so a quick run may leave it out.

    After pytest-django has put its kinds in order sweeps come first, journeys before guards: what takes minutes should not
    begin when the other workers are done.
    """
    folders = ["journeys", "guards"]
    for item in items:
        if item.path.parent.name in folders:
            item.add_marker("sweep")
    yield
    items.sort(key=lambda item: folders.index(folder) if (folder := item.path.parent.name) in folders else len(folders))
