"""Keys for the agency's own reporting tools: made once, shown once, kept as a hash, revoked for good.

A key reads as a person who answers for policy: what that person may see is what it gives, and when they no longer may, it gives nothing.
"""

from datetime import date, timedelta
from secrets import token_urlsafe

from django.db import transaction

from ibnportal.core import clock
from ibnportal.core.accounts.enums import Role
from ibnportal.core.accounts.models import User
from ibnportal.core.audit import trail
from ibnportal.core.errors import DomainError
from ibnportal.core.lifecycle import lock
from ibnportal.core.personal_links import hash_of
from ibnportal.portal.models import ApiToken

READERS = (Role.POLICY_READER, Role.ADMINISTRATOR)
START, BYTES, SHOWN = "ibn_", 32, 12
LONGEST = timedelta(days=366)
"""How long a key can hold; a new one is made before it ends."""


def issue(*, name: str, reads_as: User, expires_on: date, by: User) -> tuple[ApiToken, str]:
    """A new key and its secret, which is told now and never again. Raises DomainError naming what cannot be."""
    for problem in problems(reads_as=reads_as, expires_on=expires_on).values():
        raise DomainError(problem)
    if not by.has_role(Role.ADMINISTRATOR):
        raise DomainError("Enkel een beheerder maakt een toegangssleutel.")
    secret = START + token_urlsafe(BYTES)
    with transaction.atomic():
        made = ApiToken.objects.create(
            name=name, reads_as=reads_as, hint=secret[:SHOWN], token_hash=hash_of(secret), made_at=clock.now(), made_by=by, expires_on=expires_on,
        )  # fmt: skip
        trail.record("apitoken.issued", made, by=by, changes={"reads_as": reads_as, "expires_on": expires_on})
    return made, secret


def problems(*, reads_as: User, expires_on: date) -> dict[str, str]:
    """What is wrong with a key that would be made so: field → one Dutch sentence; empty when nothing is."""
    today, found = clock.today(), {}
    if not (reads_as.is_active and reads_as.has_role(*READERS)):
        found["reads_as"] = (
            f"Leest als: {reads_as} beantwoordt geen vragen voor beleid. Kies iemand met de rol beleid of beheerder."
        )
    if not today < expires_on <= today + LONGEST:
        found["expires_on"] = (
            f"Geldig tot en met: kies een dag na vandaag en hoogstens een jaar ver, tot {today + LONGEST:%d/%m/%Y}."
        )
    return found


def revoke(token: ApiToken, *, by: User) -> None:
    """Close a key for good; one that is closed stays as it is."""
    with transaction.atomic():
        locked = lock(token)
        if locked.revoked_at is not None:
            return
        locked.revoked_at, locked.revoked_by = clock.now(), by
        locked.save(update_fields=["revoked_at", "revoked_by"])
        trail.record("apitoken.revoked", locked, by=by)


def holder_of(secret: str) -> ApiToken | None:
    """The key with this secret that opens something now, with the person it reads as; None for any other text."""
    found = (
        ApiToken.objects.filter(token_hash=hash_of(secret), revoked_at__isnull=True).select_related("reads_as").first()
    )
    if found is None or found.expires_on < clock.today():
        return None
    reader = found.reads_as
    return found if reader.is_active and reader.has_role(*READERS) else None
