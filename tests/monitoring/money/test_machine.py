"""Whatever people do in whatever order, the invariants of money hold (domain.md "Money"; PAY-01 ... 08, SUB-01 ... 04).

A machine of Hypothesis plays the network, the account manager, the officers, the worker and the bank on PostgreSQL. Verbs that
the domain refuses change nothing; after each step every invariant of the money is read again, beside three that the machine
keeps for itself: what is settled stays as it was, what is released has its order asked once, what the bank counted it
counted once.
"""

from collections import Counter
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.db.models import Sum
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from ibnportal.core import clock as portal_clock
from ibnportal.core.accounts.enums import Role
from ibnportal.core.errors import DomainError
from ibnportal.core.files.kinds import FileKind
from ibnportal.core.files.store import store_bytes
from ibnportal.core.outbox import queue
from ibnportal.core.outbox.models import OutboxMessage
from monitoring import invariants
from monitoring.documents import payment_order, recovery_letter
from monitoring.domain import (
    accounts,
    amendments,
    bank,
    batches,
    contribution_list,
    contributions,
    crediting,
    reports,
    settlements,
    tranches,
)
from monitoring.enums import ContributionState, ListKind, TrancheState
from monitoring.models import (
    Agreement,
    BankEntry,
    Contribution,
    ListImport,
    PaymentBatch,
    Recovery,
    Repayment,
    Report,
    Settlement,
    Tranche,
)
from tests.factories.core import pdf_bytes
from tests.factories.monitoring import filled_report, member, proof, staff, team

pytestmark = pytest.mark.django_db

CHECKS = (
    invariants.paid_within_award_of_year, invariants.paid_within_award_of_project, invariants.paid_within_cofinancing,
    invariants.one_payout_per_number, invariants.payments_recompute, invariants.settlements_add_up,
    invariants.accepted_contributions_may_count, invariants.bank_agrees,
)  # fmt: skip
WORK = (tranches.PAYMENT_ORDER, batches.PAYMENT_FILE, settlements.RECOVERY_LETTER)
REACHED = (
    "accept", "refuse", "credit", "list", "propose", "withdraw", "release", "order", "file", "cancel", "bank", "settle",
    "second", "recovery", "repaid", "correct", "account",
    "amend", "amend end", "amend target",
)  # fmt: skip
IBANS = ("BE71096123456769", "BE43068999999501", "BE68539007547034")

years = st.sampled_from((1, 1, 1, 2, 2, 3))
amounts = st.sampled_from(
    tuple(map(Decimal, ("0.01", "33.33", "1000.00", "45000.00", "90000.00", "179999.99", "225000.00")))
)
costs = st.sampled_from(
    tuple(map(Decimal, ("0.00", "66.67", "150000.01", "299999.99", "299999.99", "450000.00", "512000.00")))
)


def after(*names):
    """Only once one of these was done in this run: no step is lost on what cannot be there yet."""
    return precondition(lambda self: self.done & set(names))


picks = st.integers(min_value=0, max_value=99)
ADDENDUM = pdf_bytes(title="addendum.pdf")


def addendum():
    """The document that both parties signed, as it is uploaded."""
    return SimpleUploadedFile("addendum.pdf", ADDENDUM, content_type="application/pdf")


kinds = st.sampled_from(("cash_fee", "cash_fee", "cash_sponsoring", "activity_income"))


def machine(crew, payers, outsider, seen):  # noqa: C901 - one method a verb
    """The class of a machine around this network; `seen` counts what was reached over all runs."""
    other_manager, other_officer = staff(Role.ACCOUNT_MANAGER), staff(Role.FINANCIAL_OFFICER)
    judges, officers = (crew.manager, other_manager), (crew.officer, other_officer)
    invoice = proof()

    class Money(RuleBasedStateMachine):
        """Three project years of one network; every run begins again at the start of year 1."""

        @initialize(has_begun=st.booleans(), at=picks)
        def begin(self, has_begun, at):
            self.savepoint = transaction.atomic()
            self.savepoint.__enter__()
            portal_clock.freeze("2026-09-02T10:00")
            self.numbers, self.settled, self.statements, self.done = 0, {}, 0, set()
            if has_begun:
                self.collect(number=1, amount=Decimal("112500.00"), at=at)

        def teardown(self):
            if hasattr(self, "savepoint"):
                transaction.set_rollback(True)
                self.savepoint.__exit__(None, None, None)

        def attempt(self, name, deed):
            """Do it, or be refused with nothing changed; returns what it gave."""
            try:
                result = deed()
            except DomainError:
                seen[f"refused {name}"] += 1
                return None
            seen[name] += 1
            self.done.add(name)
            return result

        def pick(self, rows, at):
            found = list(rows.order_by("pk"))
            return found[at % len(found)] if found else None

        def number(self):
            self.numbers += 1
            return f"M-{self.numbers}"

        def fields(self, year, amount, kind, at):
            return {
                "payer": (*payers, outsider)[at % (len(payers) + 1)], "kind": kind, "amount": amount,
                "invoice_number": self.number() if at % 9 else "M-1", "invoiced_on": year.starts_on,
                "received_on": None if at % 11 == 10 else year.starts_on,
                "refers_to_project": at % 7 != 6, "services": "Lidmaatschap", "proof": None if at % 13 == 12 else invoice,
            }  # fmt: skip

        # ------------------------------------------------------------ time

        @after("enter", "list")
        @rule(months=st.sampled_from((1, 5, 13)))
        def time_passes(self, months):
            portal_clock.freeze(portal_clock.now() + timedelta(days=30 * months))

        # ------------------------------------------------------------ the network

        @rule(number=years, amount=amounts, kind=kinds, at=picks)
        def enter(self, number, amount, kind, at):
            year = crew.year(number)
            values = self.fields(year, amount, kind, at)
            self.attempt("enter", lambda: contributions.enter(year, by=crew.worker, **values))

        @rule(number=years, kind=kinds, at=st.lists(picks, min_size=1, max_size=4))
        def read_list(self, number, kind, at):
            year = crew.year(number)
            found = ListImport.objects.create(
                kind=ListKind.CONTRIBUTIONS, network=crew.network, award_year=year, file=invoice,
                uploaded_at=portal_clock.now(), uploaded_by=crew.worker,
            )  # fmt: skip
            lines = [self.line(year, kind, row, one) for row, one in enumerate(at, start=2)]
            self.attempt("list", lambda: contribution_list.take_over(found, lines, by=crew.worker))
            self.attempt("list again", lambda: contribution_list.take_over(found, lines, by=crew.worker))

        def line(self, year, kind, row, at):
            payer = payers[at % len(payers)]
            return contribution_list.ContributionLine(
                row=row, name=payer.name, number=payer.enterprise_number, number_at=f"B{row}", invoice_at=f"F{row}", kind=kind,
                amount=Decimal(at * 1000 + 1), vat_amount=None, invoice_number=self.number() if at % 5 else "M-1",
                invoiced_on=year.starts_on, received_on=year.starts_on, services="Lidmaatschap", refers_to_project=True,
                is_individual_service=False,
            )  # fmt: skip

        @after("enter", "list")
        @rule(at=picks, amount=amounts, verb=st.sampled_from(("change", "remove", "ask")))
        def touch(self, at, amount, verb):
            """The network and the account manager go back and forth over a line."""
            row = self.pick(Contribution.objects.filter(credit_note__isnull=True), at)
            if row is None:
                return
            if verb == "change":
                self.attempt(verb, lambda: contributions.change(row, by=crew.worker, amount=amount, proof=invoice))
            elif verb == "remove":
                self.attempt(verb, lambda: contributions.remove(row, by=crew.worker))
            elif self.attempt(verb, lambda: contributions.ask(row, question="Waarvoor?", by=crew.manager)) and at % 3:
                self.attempt("answer", lambda: contributions.answer(row, text="Lidgeld.", by=crew.worker))

        @after("enter", "list")
        @rule(at=picks, amount=amounts)
        def credit(self, at, amount):
            row = self.pick(Contribution.objects.filter(credit_note__isnull=True), at)
            if row:
                self.attempt(
                    "credit",
                    lambda: crediting.credit(
                        row, number=self.number(), amount=min(amount, row.amount), issued_on=row.invoiced_on, by=crew.worker
                    ),
                )  # fmt: skip

        # ------------------------------------------------------------ the account manager

        @rule(number=years, amount=st.sampled_from((Decimal("90000.00"), Decimal("112500.00"))), at=picks)
        def collect(self, number, amount, at):
            """The short way to a release: two members pay, both are accepted, the first tranche is proposed and mostly released."""
            year = crew.year(number)
            if portal_clock.today() < year.starts_on:
                portal_clock.freeze(portal_clock.start_of_day(year.starts_on + timedelta(days=9)))
            for one in (0, 1):
                values = {**self.fields(year, amount, "cash_fee", 1), "payer": payers[one]}
                row = self.attempt("enter", lambda values=values: contributions.enter(year, by=crew.worker, **values))
                if row:
                    self.attempt("accept", lambda row=row: contributions.accept(row, by=crew.manager))
            made = self.attempt("propose", lambda: tranches.propose(year, 1, by=crew.manager))
            if made and at % 3:
                self.attempt("release", lambda: tranches.release(made, by=officers[at % 2]))

        @after("enter", "list")
        @rule(number=years, at=picks, verb=st.sampled_from(("accept", "refuse", "accept in bulk")))
        def judge(self, number, at, verb):
            if verb == "accept in bulk":
                self.attempt(verb, lambda: contributions.accept_clean(crew.year(number), by=crew.manager))
                return
            row = self.pick(Contribution.objects.all(), at)
            if row and verb == "accept":
                self.attempt(verb, lambda: contributions.accept(row, by=judges[at % 2]))
            elif row:
                self.attempt(
                    verb, lambda: contributions.refuse(row, rule_id="COF-12", reason="Vals.", by=judges[at % 2])
                )

        @after("accept", "accept in bulk")
        @rule(number=years, which=st.sampled_from((1, 1, 2)), at=picks)
        def propose(self, number, which, at):
            self.attempt("propose", lambda: tranches.propose(crew.year(number), which, by=(*judges, *officers)[at % 4]))

        @after("propose")
        @rule(at=picks)
        def withdraw(self, at):
            row = self.pick(Tranche.objects.all(), at)
            if row:
                self.attempt("withdraw", lambda: tranches.withdraw(row, reason="Vergissing.", by=crew.manager))

        @rule(number=years, total=costs, at=picks)
        def report(self, number, total, at):
            """Handed in and approved, with a part of the costs accepted."""
            year = crew.year(number)
            if (
                Report.objects.filter(award_year=year, state="approved").exists()
                or portal_clock.today() <= year.ends_on
            ):
                return
            report = self.attempt("report", lambda: filled_report(crew, number=number, costs=str(total)))
            if report and self.attempt("hand in", lambda: reports.submit(report, by=crew.worker)):
                share = (Decimal(1), Decimal("0.5"), Decimal("0.99"))[at % 3]
                accepted = {
                    cost.cost_type: ((cost.submitted_amount * share).quantize(Decimal("0.01")), "Deels aanvaard.")
                    for cost in report.costs.all()
                }
                self.attempt("approve", lambda: reports.approve(report, accepted_costs=accepted, by=crew.manager))

        @after("report")
        @rule(number=years)
        def close_claims(self, number):
            self.attempt("close", lambda: settlements.close_claims(crew.year(number), by=crew.manager))

        @after("propose", "list", "credit")
        @rule(number=years, total=costs, at=picks)
        def year_ends(self, number, total, at):
            """The short way to a settlement: time passes, all is judged, the report approved, the year closed."""
            year = crew.year(number)
            if portal_clock.today() <= year.ends_on:
                portal_clock.freeze(portal_clock.start_of_day(year.ends_on + timedelta(days=14)))
            self.attempt("accept in bulk", lambda: contributions.accept_clean(year, by=crew.manager))
            for row in Contribution.objects.filter(award_year=year, state__in=("submitted", "questioned")):
                self.attempt(
                    "refuse",
                    lambda row=row: contributions.refuse(row, rule_id="COF-12", reason="Nee.", by=crew.manager),
                )
            self.report(number=number, total=total, at=at)
            self.attempt("close", lambda: settlements.close_claims(year, by=crew.manager))
            self.settle(number=number, reduction=Decimal(0), at=at)

        @after("close")
        @rule(number=years, reduction=st.sampled_from((Decimal(0), Decimal(0), Decimal("1234.56"))), at=picks)
        def settle(self, number, reduction, at):
            made = self.attempt(
                "settle",
                lambda: settlements.settle(
                    crew.year(number), reduction=reduction, reduction_reason="Achterstand.", by=(crew.manager, crew.officer)[at % 2]
                ),
            )  # fmt: skip
            if made:
                self.settled[made.pk] = self.figures(made)
                outcome = "second" if made.balance > 0 else "recovery" if made.balance < 0 else "even"
                seen[outcome] += 1
                if outcome == "recovery":
                    self.money_comes_back(at=at, amount=Decimal("33.33"))
                self.done.update({outcome, "propose"})

        @after("close")
        @rule(number=years, amount=amounts, at=picks)
        def correct(self, number, amount, at):
            signed = amount if at % 2 else -amount
            self.attempt(
                "correct",
                lambda: crediting.correct(crew.year(number), amount=signed, reason="Nagekomen.", by=crew.officer),
            )

        @after("accept", "accept in bulk", "propose", "settle")
        @rule(
            number=years, amount=amounts, to=years, at=picks, kind=st.sampled_from(("amounts", "amounts", "period", "target"))
        )  # fmt: skip
        def amend(self, number, amount, to, at, kind):
            """The agreement changes while money moves: amounts of two years at once, the end, or a target."""
            agreement = Agreement.objects.get(network=crew.network)
            said = {"reason": "Addendum.", "document": addendum(), "by": judges[at % 2]}
            if kind == "amounts":
                wanted = {to: Decimal("225000.00"), number: amount}
                made = self.attempt("amend", lambda: amendments.amend_amounts(agreement, wanted, **said))
            elif kind == "period":
                end_on = crew.year(3).ends_on + timedelta(days=at - 60)
                made = self.attempt("amend end", lambda: amendments.amend_period(agreement, end_on=end_on, **said))
            else:
                kpi = agreement.kpis.order_by("pk").first()
                made = self.attempt("amend target", lambda: amendments.amend_target(kpi, amount, **said))
            if made:
                assert Agreement.objects.get(pk=agreement.pk).amendments.count() == made.number

        # ------------------------------------------------------------ the officers, the worker, the bank

        @after("propose")
        @rule(at=picks)
        def release(self, at):
            row = self.pick(Tranche.objects.all(), at)
            if row:
                self.attempt("release", lambda: tranches.release(row, by=officers[at % 2]))

        @after("release", "settle")
        @rule(again=st.booleans())
        def worker(self, again):
            """The worker does what waits; or all of it once more, as after a crash."""
            messages = OutboxMessage.objects.filter(topic__in=WORK)
            if again:
                messages.update(done_at=None, next_try_at=portal_clock.real_now())
            for message in messages.filter(done_at__isnull=True):
                assert queue.perform(message.pk, raises=True)
                seen["order" if message.topic == tranches.PAYMENT_ORDER else message.topic] += 1

        @after("release")
        @rule(at=picks)
        def make_file(self, at):
            self.attempt(
                "file",
                lambda: batches.make(batches.ready()[: 1 + at % 2], execute_on=portal_clock.today(), by=officers[at % 2]),
            )  # fmt: skip

        @after("file")
        @rule(at=picks)
        def cancel_file(self, at):
            row = self.pick(PaymentBatch.objects.all(), at)
            if row:
                self.attempt("cancel", lambda: batches.cancel(row, reason="De bank weigerde.", by=crew.officer))

        @after("file")
        @rule(at=picks, is_right=st.sampled_from((True, True, True, False)), twice=st.booleans())
        def bank_answers(self, at, is_right, twice):
            """A statement with a payment of ours, right or wrong, once or twice, in one file or in two; or confirmed by hand."""
            row = self.pick(Tranche.objects.exclude(iban=""), at)
            if row is None:
                return
            if at % 5 == 4:
                day = portal_clock.today()
                self.attempt("paid", lambda: tranches.confirm_paid(row, paid_on=day, by=officers[at % 2]))
            amount = row.amount if is_right else row.amount + Decimal("0.01")
            line = bank.Line(
                key=f"K{row.pk}-{is_right}", is_credit=False, amount=amount, currency="EUR", booked_on=portal_clock.today(),
                reference=row.payment_reference, counterparty_iban=row.iban,
            )  # fmt: skip
            self.read((line, line) if twice else (line,))

        @after("release")
        @rule(at=picks)
        def pay(self, at):
            """The short way to a payment: order, file and the bank's answer."""
            self.worker(again=False)
            if not batches.ready():
                return
            self.make_file(at=at)
            if at % 4 == 1:
                self.cancel_file(at=at)
                self.make_file(at=at)
            self.worker(again=False)
            self.bank_answers(at=at, is_right=True, twice=False)

        @after("recovery")
        @rule(at=picks, amount=amounts)
        def money_comes_back(self, at, amount):
            """A repayment, by the bank or by hand; sometimes all that is open."""
            row = self.pick(Recovery.objects.all(), at)
            if row is None:
                return
            amount = row.amount - row.repaid_amount if at % 2 else amount
            if at % 3:
                line = bank.Line(
                    key=f"R{self.number()}", is_credit=True, amount=amount, currency="EUR", booked_on=portal_clock.today(),
                    reference=row.payment_reference,
                )  # fmt: skip
                self.read((line,))
            else:
                self.attempt(
                    "by hand",
                    lambda: bank.note_repayment(row, amount=amount, received_on=portal_clock.today(), by=crew.officer),
                )
            seen["repaid"] += Recovery.objects.get(pk=row.pk).repaid_amount > row.repaid_amount

        def read(self, lines):
            self.statements += 1
            statement = bank.Statement(statement_id=f"S{self.statements}", account="", lines=lines)
            file = store_bytes(
                f"<Document>{self.statements}</Document>".encode(),
                name="s.xml",
                kind=FileKind.BANK_XML,
                by=crew.officer,
            )
            kept = self.attempt("statement", lambda: bank.take_in(statement, file=file, by=crew.officer))
            seen["bank"] += kept is not None and kept.entries.filter(verdict="paid").count()
            self.attempt("statement again", lambda: bank.take_in(statement, file=file, by=crew.officer))

        @after("release", "settle")
        @rule(at=picks)
        def other_account(self, at):
            change = accounts.open_change(crew.network)
            if change is None:
                iban = IBANS[at % len(IBANS)]
                change = self.attempt(
                    "ask account",
                    lambda: accounts.ask_change(crew.network, iban, reason="Bankattest.", by=officers[at % 2]),
                )
                if change is None or at % 3 == 0:
                    return
                at += 1  # mostly the other officer confirms it right away
            self.attempt("account", lambda: accounts.confirm_change(change, by=officers[at % 2]))

        # ------------------------------------------------------------ what must hold

        def figures(self, settlement):
            accepted = settlement.award_year.contributions.filter(state=ContributionState.ACCEPTED)
            return (
                settlement.payable,
                settlement.balance,
                settlement.forfeited,
                accepted.aggregate(sum=Sum("amount"))["sum"],
            )

        @invariant()
        def no_breach(self):
            assert [breach for check in CHECKS for breach in check()] == []

        @invariant()
        def what_is_settled_stays(self):
            for settlement in Settlement.objects.select_related("award_year"):
                assert self.figures(settlement) == self.settled[settlement.pk]

        @invariant()
        def the_years_hold_what_decision_and_amendments_say(self):
            agreement = Agreement.objects.get(network=crew.network)
            held = {year.project_year: year.awarded_amount for year in crew.network.award_years.all()}
            assert held == amendments.amended_amounts(agreement)
            assert sum(held.values()) <= agreement.decision.amount

        @invariant()
        def every_release_asks_for_one_order(self):
            released = Tranche.objects.exclude(state__in=(TrancheState.PROPOSED, TrancheState.WITHDRAWN))
            asked = OutboxMessage.objects.filter(topic=tranches.PAYMENT_ORDER)
            assert sorted(asked.values_list("payload__tranche", flat=True)) == sorted(
                released.values_list("pk", flat=True)
            )
            assert all(one.released_by_id != one.proposed_by_id for one in released)

        @invariant()
        def the_bank_counts_once(self):
            confirmed = BankEntry.objects.filter(verdict="paid").values_list("tranche_id", flat=True)
            assert len(confirmed) == len(set(confirmed))
            keys = [key for key in BankEntry.objects.values_list("bank_key", flat=True) if key]
            assert len(keys) == len(set(keys))
            back = Repayment.objects.aggregate(sum=Sum("amount"))["sum"] or Decimal(0)
            asked = Recovery.objects.aggregate(sum=Sum("amount"))["sum"] or Decimal(0)
            assert back <= asked

        @invariant()
        def over_the_project_a_euro_for_a_euro(self):
            """What left, less what is claimed back, is within what companies paid and what was not refused after the payment."""
            for settlement in Settlement.objects.select_related("award_year"):
                year = settlement.award_year
                left = year.tranches.exclude(released_at__isnull=True).aggregate(sum=Sum("amount"))["sum"] or Decimal(0)
                claimed = Recovery.objects.filter(settlement=settlement).aggregate(sum=Sum("amount"))["sum"] or Decimal(
                    0
                )
                paid_in = self.figures(settlement)[-1] or Decimal(0)
                assert left - claimed <= min(paid_in, year.awarded_amount, settlement.accepted_costs / 2)

    return Money


@pytest.mark.rule("SUB-03")
@pytest.mark.rule("PAY-05")
@pytest.mark.rule("PAY-06")
def test_no_order_of_events_breaks_an_invariant(clock, monkeypatch, settings):
    settings.FUND_IBAN = "BE71096123456769"
    paper = pdf_bytes(title="opdracht.pdf")  # rendering has its own tests
    monkeypatch.setattr(payment_order, "render_order", lambda order: (paper, "opdracht.pdf"))
    monkeypatch.setattr(recovery_letter, "render", lambda *args: (paper, "brief.pdf"))
    clock.set("2026-09-02T10:00")
    crew = team()
    payers = [member(crew.network, joined_on=date(2026, 9, 1)).organisation for _ in range(3)]
    outsider = team().network.beneficiary
    seen = Counter()
    run_state_machine_as_test(machine(crew, payers, outsider, seen), settings=CAMPAIGN)
    assert [name for name in REACHED if not seen[name]] == [], seen


# Without shrinking: a failing run prints its steps at once; add Phase.shrink by hand to make them fewer.
CAMPAIGN = settings(
    max_examples=16, stateful_step_count=40, deadline=None, derandomize=True, database=None, phases=(Phase.generate,),
    suppress_health_check=list(HealthCheck),
)  # fmt: skip
