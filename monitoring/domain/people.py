"""Who acts in the monitoring, and who may not judge: nobody judges or pays their own network."""

from ibnportal.core.accounts.enums import Role
from ibnportal.core.accounts.models import User
from ibnportal.core.errors import NotAllowed
from monitoring.models import Network


def addresses_of_beneficiary(network: Network) -> list[str]:
    """The mail addresses of everybody who works for the beneficiary today."""
    members = network.beneficiary.memberships.current().filter(user__is_active=True)
    return sorted(members.values_list("user__email", flat=True))


def addresses_of_account_manager(network: Network) -> list[str]:
    """The account manager's address; none when nobody is appointed yet."""
    manager = network.account_manager
    return [manager.email] if manager is not None and manager.is_active else []


def refuse_own_network(network: Network, by: User) -> None:
    """Raises NotAllowed for who belongs to the beneficiary: judging and paying is for others."""
    if by.belongs_to(network.beneficiary_id):
        raise NotAllowed(
            "U werkt voor dit netwerk en kunt er daarom niet zelf over beslissen. Laat dit over aan de accountmanager."
        )


def require_role(by: User, *roles: Role) -> None:
    """Raises NotAllowed unless this person holds one of the roles."""
    if not by.has_role(*roles):
        names = " of ".join(role.label for role in roles)
        raise NotAllowed(f"Dit is voorbehouden aan: {names}.")
