"""The people of the demo, made as an administrator would make them; running it again changes nothing."""

import os
from datetime import date

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.db import transaction

from ibnportal.core.accounts.domain import people
from ibnportal.core.accounts.models import Organisation, User
from ibnportal.core.demo.catalogue import DEMO_ACCOUNTS, DEMO_ORGANISATION, DemoAccount

MEMBER_SINCE = date(2025, 1, 1)


def create_demo_people() -> dict[str, User]:
    """Every demo account by its address, with role or membership, verified address and a TOTP device.

    The password is `DEMO_PASSWORD` of the environment, set when the account is made.
    """
    with transaction.atomic():
        organisation, _ = people.find_or_register_organisation(by=None, **DEMO_ORGANISATION)
        return {account.email: _create(account, organisation) for account in DEMO_ACCOUNTS}


def _create(account: DemoAccount, organisation: Organisation) -> User:
    user = User.objects.filter(email=account.email).first()
    if user is None:
        password = os.environ.get("DEMO_PASSWORD", "ibn-demo-2025")
        user = people.register_user(email=account.email, full_name=account.name, by=None, password=password)
    if account.role is None:
        is_legal_representative = account.email.startswith("aanvrager@")
        people.add_member(
            organisation, user, by=None, is_legal_representative=is_legal_representative, since=MEMBER_SINCE
        )
    else:
        people.grant_role(user, account.role, by=None)
    enrol(user)
    return user


def enrol(user: User) -> None:
    """A verified address, and a TOTP device unless there is one."""
    EmailAddress.objects.get_or_create(user=user, email=user.email, defaults={"verified": True, "primary": True})
    if not Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).exists():
        TOTP.activate(user, generate_totp_secret())
