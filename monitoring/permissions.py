"""Who may do what with a network they can see; predicates only, the domain says why not."""

from ibnportal.core.accounts.enums import Role
from ibnportal.core.accounts.models import User
from monitoring.enums import LIVE_NETWORK, NetworkState
from monitoring.models import Contribution, Network, Tranche

READERS = (
    Role.ACCOUNT_MANAGER,
    Role.FINANCIAL_OFFICER,
    Role.POLICY_READER,
    Role.CASE_HANDLER,
    Role.SECRETARY,
    Role.ADMINISTRATOR,
)
"""The staff that reads networks; the same roles as in `NetworkQuerySet.visible_to`."""


def is_beneficiary(user: User, network: Network) -> bool:
    """Whether this person works for the network."""
    return user.belongs_to(network.beneficiary_id) and not network.is_reconstructed


def can_manage(user: User, network: Network) -> bool:
    """Whether this person is the network's account manager (any, while none is appointed); never of their own network."""
    return (
        user.has_role(Role.ACCOUNT_MANAGER)
        and network.account_manager_id in (None, user.pk)
        and not network.is_reconstructed
        and not user.belongs_to(network.beneficiary_id)
    )


def can_keep_members(user: User, network: Network) -> bool:
    """Whether this person writes in the register of members."""
    return network.state != NetworkState.CLOSED and (is_beneficiary(user, network) or can_manage(user, network))


def can_keep_steering(user: User, network: Network) -> bool:
    """Whether this person plans meetings of the steering group and hands in their minutes."""
    return network.state in (NetworkState.SIGNED, *LIVE_NETWORK) and is_beneficiary(user, network)


def can_keep_activities(user: User, network: Network) -> bool:
    """Whether this person writes down activities, collaborations and stories."""
    return can_keep_steering(user, network)


def can_record_observer(user: User, network: Network) -> bool:
    """Whether this person says that the observer sat at a meeting."""
    return network.state in (NetworkState.SIGNED, *LIVE_NETWORK) and can_manage(user, network)


def can_plan_future(user: User, network: Network) -> bool:
    """Whether this person hands in the plan for what comes after."""
    return network.state in LIVE_NETWORK and is_beneficiary(user, network)


def can_follow_afterwards(user: User, network: Network) -> bool:
    """Whether this person records what became of a network, its label and its final evaluation; also after its end."""
    return network.state in (*LIVE_NETWORK, NetworkState.CLOSED) and can_manage(user, network)


def can_enter(user: User, network: Network) -> bool:
    """Whether this person enters contributions and writes the report."""
    return network.state in LIVE_NETWORK and is_beneficiary(user, network)


def can_change(user: User, contribution: Contribution) -> bool:
    """Whether this person may correct this contribution: not judged, and the year open."""
    year = contribution.award_year
    return (
        contribution.state in ("submitted", "questioned")
        and year.claims_closed_at is None
        and can_enter(user, year.network)
    )


def can_judge(user: User, network: Network) -> bool:
    """Whether this person accepts and refuses contributions and reviews reports."""
    return network.state in LIVE_NETWORK and can_manage(user, network)


def can_propose(user: User, network: Network) -> bool:
    """Whether this person proposes tranches and settles years."""
    return can_judge(user, network) or (
        network.state in LIVE_NETWORK
        and user.has_role(Role.FINANCIAL_OFFICER)
        and not user.belongs_to(network.beneficiary_id)
    )


def can_release(user: User, tranche: Tranche) -> bool:
    """Whether this person may release this tranche: a financial officer, not its proposer (four eyes)."""
    return (
        user.has_role(Role.FINANCIAL_OFFICER)
        and tranche.proposed_by_id != user.pk
        and not user.belongs_to(tranche.award_year.network.beneficiary_id)
    )


def can_ask_account(user: User, network: Network) -> bool:
    """Whether this person may ask for another account: once the agreement is signed; another person confirms."""
    return (
        network.state not in {NetworkState.AGREEMENT_DRAFTED, NetworkState.CLOSED}
        and not network.is_reconstructed
        and not user.belongs_to(network.beneficiary_id)
        and (can_manage(user, network) or user.has_role(Role.FINANCIAL_OFFICER))
    )
