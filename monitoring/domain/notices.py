"""Mails of the monitoring (NOT-09 ... 11): one a fact, by a key that makes a repeat harmless."""

from collections.abc import Callable, Sequence
from typing import Any

from django.db.models import Model

from ibnportal.core import clock
from ibnportal.core.files.models import StoredFile
from ibnportal.core.money import format_euros
from ibnportal.core.outbox.mail import absolute, send_later
from monitoring.domain import payable, people
from monitoring.domain.queries import cofinancing_of, rules_row
from monitoring.models import (
    AccountChange,
    AgreementAmendment,
    AwardYear,
    Contribution,
    Network,
    Recovery,
    Report,
    ReportExtension,
    SteeringMeeting,
    Tranche,
)


def network_path(network: Network) -> str:
    """The network's own page."""
    return f"/netwerken/{network.code}/"


def year_path(award_year: AwardYear, page: str) -> str:
    """A page of one project year: "bijdragen" or "verslag"."""
    return f"{network_path(award_year.network)}jaar/{award_year.project_year}/{page}/"


def settlement_path(award_year: AwardYear) -> str:
    """The settlement of one project year."""
    return f"/betalingen/{award_year.network.code}/jaar/{award_year.project_year}/afrekening/"


def steering_path(meeting: SteeringMeeting) -> str:
    """One meeting of the steering group."""
    return f"{network_path(meeting.network)}stuurgroep/{meeting.pk}/"


def ask_for_plan(network: Network, *, due_on: str) -> None:
    """The plan for what comes after is asked: to the network, once (LES-03)."""
    _send(
        f"future_plan:{network.pk}", people.addresses_of_beneficiary(network), "future_plan_asked", about=network,
        network=network, due_on=due_on, url=absolute(f"{network_path(network)}toekomst/"),
    )  # fmt: skip


def tell_threshold(award_year: AwardYear) -> None:
    """The accepted co-financing opens the first tranche: to the network and its account manager, once a year (NOT-10)."""
    rules = rules_row(award_year.network).frozen()
    level = payable.threshold(award_year.awarded_amount, rules)
    if level is None:
        return
    cofinancing = cofinancing_of(award_year, rules)
    if not payable.is_threshold_met(cofinancing.total, award_year.awarded_amount, rules):
        return
    network = award_year.network
    _send(
        f"threshold:{award_year.pk}",
        [*people.addresses_of_beneficiary(network), *people.addresses_of_account_manager(network)],
        "threshold_reached",
        about=award_year,
        award_year=award_year,
        cofinancing=format_euros(cofinancing.total),
        threshold=format_euros(level),
        url=absolute(network_path(network)),
    )


def tell_released(tranche: Tranche) -> None:
    """A tranche is on its way to the network (NOT-10)."""
    network = tranche.award_year.network
    _send(
        f"tranche_released:{tranche.pk}",
        people.addresses_of_beneficiary(network),
        "tranche_released",
        about=tranche,
        tranche=tranche,
        amount=format_euros(tranche.amount),
        url=absolute(network_path(network)),
    )


def tell_account_changed(change: AccountChange) -> None:
    """Another account counts from now on; whoever did not expect this can still ring."""
    network = change.network
    _send(
        f"account_changed:{change.pk}",
        [*people.addresses_of_beneficiary(network), *people.addresses_of_account_manager(network)],
        "account_changed",
        about=network,
        network=network,
        change=change,
        url=absolute(network_path(network)),
    )


def tell_recovery(recovery: Recovery) -> None:
    """The year came out below the first tranche: what must be paid back, why, to which account and by when."""
    award_year = recovery.settlement.award_year
    _send(
        f"recovery:{recovery.pk}",
        people.addresses_of_beneficiary(award_year.network),
        "recovery",
        about=award_year,
        award_year=award_year,
        amount=format_euros(recovery.amount),
        payable=format_euros(recovery.settlement.payable),
        released=format_euros(recovery.settlement.already_released),
        reference=recovery.payment_reference,
        due_on=None if recovery.due_on is None else f"{recovery.due_on:%d/%m/%Y}",
        attachments=() if recovery.letter_file is None else (recovery.letter_file,),
        url=absolute(settlement_path(award_year)),
    )


def tell_settled(award_year: AwardYear, *, balance: str, forfeited: str) -> None:
    """The year is settled with something still to be paid, or with nothing left."""
    _send(
        f"settled:{award_year.pk}",
        people.addresses_of_beneficiary(award_year.network),
        "year_settled",
        about=award_year,
        award_year=award_year,
        balance=balance,
        forfeited=forfeited,
        url=absolute(settlement_path(award_year)),
    )


def _send_about_report(
    award_year: AwardYear, key: str, template: str, *, to: Callable[[Network], list[str]], about: Model, **context: Any
) -> None:
    """One mail about the report of a year, with the address of its page."""
    _send(
        key,
        to(award_year.network),
        template,
        about=about,
        award_year=award_year,
        url=absolute(year_path(award_year, "verslag")),
        **context,
    )


def tell_report_submitted(report: Report) -> None:
    """A report waits for the account manager."""
    _send_about_report(
        report.award_year,
        f"report_submitted:{report.pk}:{report.version}",
        "report_submitted",
        to=people.addresses_of_account_manager,
        about=report,
    )


def tell_report_returned(report: Report) -> None:
    """The account manager has questions."""
    _send_about_report(
        report.award_year,
        f"report_returned:{report.pk}:{report.version}",
        "report_returned",
        to=people.addresses_of_beneficiary,
        about=report,
        questions=report.questions,
    )


def tell_report_approved(report: Report) -> None:
    """The report is approved."""
    _send_about_report(
        report.award_year,
        f"report_approved:{report.pk}",
        "report_approved",
        to=people.addresses_of_beneficiary,
        about=report,
    )


def tell_amended(amendment: AgreementAmendment) -> None:
    """The agreement was changed by addendum: what, why, and where the text is."""
    network = amendment.agreement.network
    _send(
        f"agreement_amended:{amendment.pk}",
        people.addresses_of_beneficiary(network),
        "agreement_amended",
        about=network,
        network=network,
        amendment=amendment,
        what=amendment.get_kind_display().lower(),
        url=absolute(f"{network_path(network)}overeenkomst/"),
    )


def tell_extension_asked(extension: ReportExtension) -> None:
    """The network asks for a later due date."""
    _send_about_report(
        extension.award_year,
        f"extension_asked:{extension.pk}",
        "extension_asked",
        to=people.addresses_of_account_manager,
        about=extension.award_year,
        extension=extension,
        until=f"{extension.until:%d/%m/%Y}",
    )


def tell_extension_decided(extension: ReportExtension) -> None:
    """The later due date is granted, or not."""
    _send_about_report(
        extension.award_year,
        f"extension_decided:{extension.pk}",
        "extension_decided",
        to=people.addresses_of_beneficiary,
        about=extension.award_year,
        extension=extension,
        outcome=extension.get_state_display().lower(),
        until=f"{extension.until:%d/%m/%Y}",
    )


def remind_of_report(award_year: AwardYear, *, due_on: str, occasion: str) -> None:
    """The year's report is due (NOT-11); once for each occasion."""
    _send(
        f"report_due:{award_year.pk}:{occasion}",
        people.addresses_of_beneficiary(award_year.network),
        "report_due",
        about=award_year,
        award_year=award_year,
        due_on=due_on,
        is_late=occasion == "late",
        url=absolute(year_path(award_year, "verslag")),
    )


def tell_observer(meeting: SteeringMeeting, file: StoredFile, *, day: str, hours: str) -> None:
    """The account manager is invited, told of a change, or told that it is off (NOT-09), with the calendar file."""
    _send(
        f"steering:{meeting.pk}:{meeting.invitation_version}",
        people.addresses_of_account_manager(meeting.network),
        "steering_cancelled" if meeting.cancelled_at is not None else "steering_invitation",
        about=meeting,
        attachments=[file],
        meeting=meeting,
        network=meeting.network,
        day=day,
        hours=hours,
        is_change=meeting.invitation_version > 1,
        url=absolute(steering_path(meeting)),
    )


def remind_of_minutes(meeting: SteeringMeeting, *, day: str, due_on: str) -> None:
    """The minutes of a meeting are late (MON-07); once a meeting."""
    _send(
        f"steering_minutes:{meeting.pk}",
        people.addresses_of_beneficiary(meeting.network),
        "steering_minutes_due",
        about=meeting,
        network=meeting.network,
        day=day,
        due_on=due_on,
        url=absolute(steering_path(meeting)),
    )


def tell_question(contribution: Contribution, question: str) -> None:
    """The account manager has a question about an invoice."""
    award_year = contribution.award_year
    _send(
        f"contribution_question:{contribution.pk}:{contribution.remarks.count()}",
        people.addresses_of_beneficiary(award_year.network),
        "contribution_question",
        about=contribution,
        award_year=award_year,
        contribution=contribution,
        question=question,
        url=absolute(f"{year_path(award_year, 'bijdragen')}{contribution.pk}/"),
    )


def warn_of_shortfall(award_year: AwardYear, *, required: str, expected: str, basis: str, ends_on: str) -> None:
    """The year's co-financing will probably fall short (COF-01): the network and its account manager, once a year."""
    network = award_year.network
    _send(
        f"cofinancing_behind:{award_year.pk}",
        [*people.addresses_of_beneficiary(network), *people.addresses_of_account_manager(network)],
        "cofinancing_behind",
        about=award_year,
        award_year=award_year,
        url=absolute(year_path(award_year, "bijdragen")),
        required=required,
        expected=expected,
        basis=basis,
        ends_on=ends_on,
    )


def tell_handed_over(network: Network, *, note: str, by: str) -> None:
    """A network has another account manager: they get it with a word of who had it."""
    _send(
        f"handed_over:{network.pk}:{network.account_manager_id}:{clock.now():%Y%m%d%H%M%S}",
        people.addresses_of_account_manager(network),
        "handed_over",
        about=network,
        network=network,
        note=note,
        by=by,
        url=absolute(network_path(network)),
    )


def _send(
    key: str, to: list[str], template: str, *, about: Model, attachments: Sequence[StoredFile] = (), **context: object
) -> None:
    """Nobody to write to is no reason to stop what happened."""
    if to:
        send_later(
            key=key, to=to, template=f"monitoring/{template}", context=context, about=about, attachments=attachments
        )
