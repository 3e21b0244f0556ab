"""Members of networks as a place where companies of a dossier are found too (POS-04); registered when the app gets ready."""

from collections import defaultdict
from collections.abc import Iterable

from django.db.models import Count, Q

from applications.domain.overlap import Group, register_source
from applications.models import Application
from ibnportal.core import clock
from ibnportal.core.accounts.models import User
from monitoring.models import Membership, Network


@register_source("networks")
def members_of_networks(application: Application, numbers: frozenset[str], user: User) -> Iterable[Group]:  # noqa: ARG001 - one signature for all sources
    """Companies that are or were a member of another network, of any call; by number, so only where a number is known."""
    members = Membership.objects.filter(organisation__enterprise_number__in=numbers).exclude(
        network__application=application
    )
    found: dict[int, set[str]] = defaultdict(set)
    for pk, number in members.values_list("network_id", "organisation__enterprise_number"):
        found[pk].add(number)
    if not found:
        return
    today = clock.today()
    current = Q(memberships__joined_on__lte=today) & (
        Q(memberships__left_on__isnull=True) | Q(memberships__left_on__gte=today)
    )
    networks = Network.objects.filter(pk__in=found).annotate(
        size=Count("memberships__organisation", filter=current, distinct=True)
    )
    for network in networks:
        yield Group(
            "POS-04",
            "Innovatief bedrijfsnetwerk",
            str(network),
            frozenset(found[network.pk]),
            total=network.size or None,
        )
