"""How a person is known again at every request after signing in."""

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend

from ibnportal.core.accounts.models import User


class SessionBackend(AuthenticationBackend):
    """Signs in like allauth; reads the person of a session together with roles, organisations and second factor."""

    def get_user(self, user_id: Any) -> User | None:
        """The person with that key, unless deactivated; one query for all that decides what they may open."""
        user = User.objects.with_access(user_id)
        return user if user is not None and self.user_can_authenticate(user) else None
