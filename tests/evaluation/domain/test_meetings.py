"""Who decides with whom, what is laid side by side, and what goes on paper: quorum, recusals in mid-meeting, what-if sets, portfolio, minutes, bundles."""

from datetime import date, time
from decimal import Decimal
from io import BytesIO

import pikepdf
import pytest

from applications.models import Application, SpearheadMember, SpearheadMemberList
from evaluation.documents import bundle, minutes
from evaluation.domain import committee, conduct, meetings, papers, portfolio, release, shortlists, whatif
from evaluation.domain.meetings import needed_for
from evaluation.models import CommitteePaper, WhatIf
from ibnportal.core import clock, watermark
from ibnportal.core.accounts.enums import Role
from ibnportal.core.errors import DomainError, WrongState
from ibnportal.core.files.store import read_bytes
from ibnportal.core.outbox.models import MailRecord, OutboxMessage
from tests.evaluation.domain.test_committee import YEARS, advised, award, ranked
from tests.factories.core import StoredFileFactory, pdf_bytes
from tests.factories.evaluation import advised as really_advised
from tests.factories.evaluation import evaluated

pytestmark = pytest.mark.django_db


@pytest.fixture
def secretary(make_user, clock):
    return make_user(Role.SECRETARY)


@pytest.fixture
def five(make_user, clock):
    """A committee of five."""
    return [make_user(Role.COMMITTEE_MEMBER, full_name=f"Lid Nummer{n}") for n in range(1, 6)]


@pytest.fixture
def sitting(secretary, five):
    """A meeting of five on three dossiers, all within the line."""
    dossiers = [advised() for _ in range(3)]
    ranked(dossiers, secretary)
    meeting = committee.plan_meeting(
        call=dossiers[0].call, phase=2, held_on=date(2026, 7, 13), starts_at=time(14), members=five, by=secretary
    )
    return meeting, dossiers


# ---------------------------------------------------------------- quorum


@pytest.mark.rule("ROL-12")
@pytest.mark.parametrize(
    ("members", "fraction", "needed"),
    [(5, "0.5", 3), (4, "0.5", 2), (1, "0.5", 1), (3, "0.6667", 3), (5, None, 0)],
)
def test_the_quorum_is_a_part_of_the_members_rounded_up(members, fraction, needed):
    assert needed_for(members, Decimal(fraction) if fraction else None) == needed


@pytest.mark.rule("ROL-12")
def test_two_of_five_decide_nothing_and_three_do(sitting, secretary, five):
    meeting, (dossier, *_) = sitting
    meetings.note_attendance(meeting, absent=five[:3], by=secretary)
    with pytest.raises(DomainError, match="beslissen 2 van de 5 leden mee; er zijn er 3 nodig"):
        award(meeting, dossier, secretary)
    meetings.note_attendance(meeting, absent=five[:2], by=secretary)
    assert award(meeting, dossier, secretary).amount == Decimal(150000)


@pytest.mark.rule("ROL-12", "P2-EVA-03")
def test_who_is_recused_from_a_dossier_does_not_count_for_it_and_does_for_another(sitting, secretary, five):
    meeting, (first, second, _) = sitting
    meetings.note_attendance(meeting, absent=five[:2], by=secretary)
    committee.recuse(meeting, member=five[4], application=first, reason="Bestuurder.", by=secretary)
    with pytest.raises(DomainError, match="beslissen 2 van de 5"):
        award(meeting, first, secretary)
    assert award(meeting, second, secretary)


def test_only_members_are_noted_as_absent(sitting, secretary, make_user):
    with pytest.raises(DomainError, match="Neemt niet deel"):
        meetings.note_attendance(sitting[0], absent=[make_user(Role.COMMITTEE_MEMBER)], by=secretary)


def test_members_are_invited_by_mail_each_for_themselves(sitting, five):
    mails = MailRecord.objects.filter(key__contains=":invited:")
    assert sorted(mail.to for mail in mails) == sorted(member.email for member in five)
    assert "14.00 uur" in mails[0].text


# ---------------------------------------------------------------- recused in mid-meeting


@pytest.mark.rule("P2-EVA-03")
def test_a_recusal_after_a_decision_holds_up_the_release_until_it_is_decided_again(sitting, secretary, five, clock):
    meeting, (dossier, *_) = sitting
    award(meeting, dossier, secretary)
    clock.advance(minutes=5)
    committee.recuse(meeting, member=five[0], application=dossier, reason="Ontdekt tijdens de zitting.", by=secretary)
    (finding,) = meetings.obstacles(meeting)
    assert (finding.where, "opnieuw beslissen" in finding.message) == (dossier.number, True)
    with pytest.raises(DomainError, match="nog niet bekendgemaakt"):
        release.release(meeting, by=secretary)
    clock.advance(minutes=5)
    award(meeting, dossier, secretary)
    assert meetings.obstacles(meeting) == []
    assert [row.application for row in release.release(meeting, by=secretary).decisions] == [dossier]


@pytest.mark.rule("P2-EVA-03")
def test_a_recused_member_finds_neither_gap_nor_sum_of_the_dossier(secretary, make_user, as_user, clock):
    strong = really_advised(evaluated(letters=1), step="very_good")
    middle = really_advised(evaluated(letters=1), step="good")
    weak = really_advised(evaluated(letters=1), step="sufficient")
    from evaluation.domain import ranking

    member, other = make_user(Role.COMMITTEE_MEMBER), make_user(Role.COMMITTEE_MEMBER)
    frozen = ranking.freeze(strong.call, by=secretary)
    meeting = committee.plan_meeting(
        call=strong.call, phase=2, held_on=date(2026, 7, 13), members=[member, other], by=secretary
    )
    committee.recuse(meeting, member=member, application=middle, reason="Verwant.", by=secretary)
    award(meeting, middle, secretary, amounts=[Decimal(49000), Decimal(50000), Decimal(50000)])
    whatif.keep(meeting, name="Alles", amounts=dict.fromkeys((strong, middle, weak), Decimal(110000)), by=other)
    papers.ask_minutes(meeting, by=secretary)
    assert {n: p.rank for n, p in shortlists.meeting_places(member, meeting).items()} == {
        strong.number: 1,
        weak.number: 2,
    }
    assert {n: p.rank for n, p in shortlists.meeting_places(other, meeting).items()}[weak.number] == 3
    client = as_user(member)
    pages = ["", "portefeuille/", "denkoefeningen/", "stukken/"]
    texts = [client.get(f"/comite/{meeting.pk}/{page}").content.decode() for page in pages]
    texts += [client.get(f"/comite/rangschikking/2025/{page}").content.decode() for page in ("", "stevigheid/")]
    for text in texts:
        assert middle.number not in text
        assert middle.title not in text
        assert "149.000" not in text
        assert "330.000" not in text  # the what-if set counts only what this member may see
        assert "Verslag, versie" not in text
    assert "220.000" in texts[2].replace("\xa0", " ")
    assert as_user(other).get(f"/comite/{meeting.pk}/").content.decode().count(middle.number) > 0
    assert frozen.entries.count() == 3


# ---------------------------------------------------------------- what-if sets and the portfolio


@pytest.mark.rule("P2-EVA-06", "P2-EVA-07")
def test_sets_lie_side_by_side_with_their_sums_and_spread(sitting, secretary):
    meeting, dossiers = sitting
    for dossier, sector in zip(dossiers, ("Bouw", "Bouw", "Zorg"), strict=True):
        Application.objects.filter(pk=dossier.pk).update(sector=sector, requested_grant=Decimal(675000))
        dossier.refresh_from_db()
    whatif.keep(
        meeting, name="Twee", amounts={dossiers[0]: Decimal(675000), dossiers[2]: Decimal(600000)}, by=secretary
    )
    whatif.keep(meeting, name="Drie", amounts=dict.fromkeys(dossiers, Decimal(675000)), by=secretary)
    two, three = whatif.columns(meeting, dossiers, meeting.call.rules())
    assert (two.total, two.left, two.count) == (Decimal(1275000), Decimal(2100000), 2)
    assert three.sectors == (("Bouw", 2), ("Zorg", 1))
    assert not three.is_over_budget
    whatif.keep(meeting, name="Twee", amounts={dossiers[1]: Decimal(1)}, by=secretary)
    assert WhatIf.objects.get(name="Twee").lines.count() == 1


def test_a_set_says_when_it_goes_over_budget_or_maximum(sitting, secretary):
    rules = sitting[0].call.rules()
    dossiers = [advised(requested="675000") for _ in range(6)]
    column = whatif.column(None, "Zes", "", dict.fromkeys(dossiers, Decimal(675000)), rules)
    assert (column.total, column.left) == (Decimal(4050000), Decimal(-675000))
    assert column.is_over_budget
    assert column.is_over_count


def test_a_set_has_a_name_dossiers_of_the_agenda_and_amounts_that_were_asked(sitting, secretary):
    meeting, (dossier, *_) = sitting
    for fields, message in (
        ({"name": " ", "amounts": {dossier: Decimal(1)}}, "een naam"),
        ({"name": "x", "amounts": {}}, "minstens één dossier"),
        ({"name": "x", "amounts": {dossier: Decimal(150001)}}, "hoger dan wat gevraagd"),
        ({"name": "x", "amounts": {advised(state="p2_evaluation"): Decimal(1)}}, "Niet op de agenda"),
    ):
        with pytest.raises(DomainError, match=message):
            whatif.keep(meeting, by=secretary, **fields)


@pytest.mark.rule("POS-04", "P2-EVA-06")
def test_overlap_is_counted_by_enterprise_number():
    letters = {
        "IBN-1": {"0400000001": "Alfa bv", "0400000002": "Beta nv", "0400000003": "Gamma cv", "0400000004": "Delta"},
        "IBN-2": {"0400000001": "Alfa", "0400000003": "Gamma"},
        "IBN-3": {"0400000009": "Omega"},
    }
    (pair,) = portfolio.overlaps_of(letters)
    assert (pair.first, pair.second, pair.companies, pair.fraction) == ("IBN-1", "IBN-2", ("Alfa bv", "Gamma cv"), 1.0)


@pytest.mark.rule("POS-08", "P2-EVA-06")
def test_members_of_a_spearhead_cluster_are_counted_by_the_newest_list_of_each(secretary):
    lists = [("Catalisti", date(2025, 1, 1)), ("Catalisti", date(2026, 1, 1)), ("Blauwe Cluster", date(2024, 6, 1))]
    members = ({"111", "222", "333"}, {"111"}, {"222", "444"})
    for (cluster, as_of), numbers in zip(lists, members, strict=True):
        source = StoredFileFactory(by=secretary)
        made = SpearheadMemberList.objects.create(
            cluster=cluster, as_of=as_of, source="Jaarverslag", file=source, uploaded_at=clock.now(), uploaded_by=secretary
        )  # fmt: skip
        made.members.bulk_create(
            SpearheadMember(member_list=made, name=f"Onderneming {number}", enterprise_number=number)
            for number in sorted(numbers)
        )
    letters = {"IBN-1": dict.fromkeys(("111", "222", "333", "555"), "X"), "IBN-2": {"555": "X"}, "IBN-3": {"111": "X"}}
    found = portfolio.clusters_of(letters, portfolio.memberships(letters))
    assert [(row.number, row.cluster, row.as_of, row.count, row.fraction) for row in found] == [
        ("IBN-3", "Catalisti", date(2026, 1, 1), 1, 1.0),
        ("IBN-1", "Blauwe Cluster", date(2024, 6, 1), 1, 0.25),
        ("IBN-1", "Catalisti", date(2026, 1, 1), 1, 0.25),
    ]


@pytest.mark.rule("P1-DEC-03", "P2-EVA-06")
def test_who_shares_sector_domain_and_companies_comes_up_for_a_merger(clock):
    one, other, far = (advised() for _ in range(3))
    for dossier, sector in ((one, "Bouw"), (other, "Bouw"), (far, "Zorg")):
        Application.objects.filter(pk=dossier.pk).update(sector=sector, technology_domain="Circulair")
        dossier.refresh_from_db()
    overlaps = portfolio.overlaps_of({one.number: {"1": "A"}, other.number: {"1": "A"}, far.number: {"1": "A"}})
    (found,) = portfolio.candidates([one, other, far], overlaps, set())
    assert (found.first, found.second) == (one.number, other.number)
    assert found.reasons == ("zelfde sector en technologiedomein, 1 gemeenschappelijke onderneming",)
    drawn = portfolio.clusters_of(
        {row.number: {str(row.pk): "A"} for row in (one, other, far)},
        [("Catalisti", date(2026, 1, 1), "lijst", str(row.pk)) for row in (one, other, far)],
    )
    (found,) = portfolio.candidates([one, other, far], (), set(), drawn)
    assert (found.first, found.second) == (one.number, other.number)
    assert found.reasons == ("zelfde sector en technologiedomein, en allebei met leden van Catalisti",)
    assert [row.reasons[0] for row in portfolio.candidates([one, far], (), {(far.pk, one.pk)})] == [
        "het advies raadt samenvoegen aan"
    ]


@pytest.mark.rule("P2-EVA-05")
def test_what_is_on_record_of_an_applicant_reaches_the_committee_and_is_never_erased(sitting, secretary, as_user):
    meeting, (dossier, *_) = sitting
    record = conduct.put_on_record(
        dossier.applicant, kind="financial", happened_on=date(2024, 5, 1), text="Kostenstaat klopte niet.", source="Dossier X", by=secretary
    )  # fmt: skip
    assert portfolio.past_of([dossier])[dossier.applicant_id].records == (record,)
    assert (
        "Kostenstaat klopte niet."
        in as_user(secretary).get(f"/comite/{meeting.pk}/dossier/{dossier.number}/").content.decode()
    )
    from django.db import DatabaseError, transaction

    with pytest.raises(DatabaseError), transaction.atomic():
        record.delete()
    for fields, message in (
        ({"text": ""}, "genoteerd"),
        ({"source": " "}, "genoteerd"),
        ({"happened_on": date(2030, 1, 1)}, "genoteerd"),
    ):
        with pytest.raises(DomainError, match=message):
            conduct.put_on_record(
                dossier.applicant, by=secretary, **{"kind": "financial", "happened_on": date(2024, 5, 1), "text": "x", "source": "y", **fields}
            )  # fmt: skip


@pytest.mark.rule("P2-EVA-05", "P2-EVA-06")
def test_a_refusal_for_earlier_conduct_goes_against_the_ranking_with_its_reason(sitting, secretary):
    meeting, (dossier, *_) = sitting
    with pytest.raises(DomainError, match="volgt de rangschikking niet"):
        committee.record_support(meeting, dossier, outcome="rejected", reason="Eerder gedrag.", by=secretary)
    made = committee.record_support(
        meeting,
        dossier,
        outcome="rejected",
        reason="Eerder gedrag.",
        deviation_reason="Rapportering niet nageleefd.",
        by=secretary,
    )
    assert made.deviation_reason == "Rapportering niet nageleefd."


@pytest.mark.rule("H-15", "P2-EVA-04")
def test_a_special_condition_says_that_it_is_about_a_spearhead_cluster(sitting, secretary):
    meeting, (dossier, *_) = sitting
    condition = committee.Condition("special", "Opgaan in de Blauwe Cluster.", topic="spc_integration")
    blocking = committee.Condition("start", "Oprichting van de vzw.", is_blocking=True)
    made = award(meeting, dossier, secretary, conditions=[condition, blocking])
    assert {(row.kind, row.topic, row.is_blocking) for row in made.conditions.all()} == {
        ("special", "spc_integration", False),
        ("start", "general", True),
    }


# ---------------------------------------------------------------- minutes and bundles


@pytest.fixture
def decided(sitting, secretary, five):
    meeting, dossiers = sitting
    meetings.note_attendance(meeting, absent=[five[4]], by=secretary)
    committee.recuse(meeting, member=five[0], application=dossiers[1], reason="Bestuurder bij een lid.", by=secretary)
    for dossier in dossiers[:2]:
        award(meeting, dossier, secretary)
    return meeting, dossiers


def test_the_minutes_say_who_was_there_who_left_and_what_was_decided(decided, secretary, drain_outbox):
    meeting, dossiers = decided
    paper = papers.ask_minutes(meeting, by=secretary)
    said = paper.content
    assert said["is_draft"]
    assert (len(said["present"]), said["absent"]) == (4, ["Lid Nummer5"])
    assert said["quorum"] == {"members": 5, "needed": 3}
    assert [point["number"] for point in said["points"]] == [row.number for row in dossiers]
    assert said["points"][1]["recused"] == [{"name": "Lid Nummer1", "reason": "Bestuurder bij een lid."}]
    assert [point["taking_part"] for point in said["points"]] == [4, 3, 4]
    assert said["points"][0]["decision"]["amount"] == "150000.00"
    assert said["points"][2]["decision"] is None
    drain_outbox()
    paper.refresh_from_db()
    with pikepdf.open(BytesIO(read_bytes(paper.file))) as document:
        assert bool(document.Root.MarkInfo.Marked)
        assert str(document.Root.Lang) == "nl"
    assert minutes.read(said)["points"][0]["decision"]["years"][0]["amount"] == Decimal(50000)


def test_minutes_are_frozen_and_asking_twice_at_once_makes_one(decided, secretary):
    meeting, _ = decided
    first = papers.ask_minutes(meeting, by=secretary)
    assert papers.ask_minutes(meeting, by=secretary) == first
    assert OutboxMessage.objects.filter(topic=papers.TOPIC).count() == 1


def test_a_member_reads_the_minutes_unless_recused_from_a_dossier_in_them(decided, secretary, five, make_user):
    meeting, _ = decided
    paper = papers.ask_minutes(meeting, by=secretary)
    seen = {person: paper in CommitteePaper.objects.visible_to(person) for person in (five[0], five[1], secretary)}
    assert list(seen.values()) == [False, True, True]
    for stranger in (make_user(Role.COMMITTEE_MEMBER), make_user(Role.EXPERT), make_user(Role.POLICY_READER)):
        assert paper not in CommitteePaper.objects.visible_to(stranger)


@pytest.mark.rule("CONF-01")
def test_a_bundle_carries_the_name_and_the_moment_on_every_page_and_leaves_out_what_is_barred(
    secretary, make_user, clock, drain_outbox
):
    clock.set("2026-07-13T14:05")
    first, second = (really_advised(evaluated(letters=1)) for _ in range(2))
    from evaluation.domain import ranking

    member = make_user(Role.COMMITTEE_MEMBER, full_name="An Peeters")
    ranking.freeze(first.call, by=secretary)
    meeting = committee.plan_meeting(
        call=first.call, phase=2, held_on=date(2026, 7, 13), members=[member], by=secretary
    )
    committee.recuse(meeting, member=member, application=second, reason="Verwant.", by=secretary)
    own = papers.ask_bundle(meeting, kind="bundle_pdf", for_name="An Peeters", purpose="Voorbereiding", by=member)
    auditor = papers.ask_bundle(meeting, kind="bundle_zip", for_name="Rekenhof", purpose="Controle", by=secretary)
    drain_outbox()
    own.refresh_from_db()
    auditor.refresh_from_db()
    assert [row["number"] for row in own.content["dossiers"]] == [first.number]
    line = watermark.wording("An Peeters", clock.now())
    assert line == "Vertrouwelijk exemplaar van An Peeters, 13/07/2026 14.05, IBN-portaal"
    with pikepdf.open(BytesIO(read_bytes(own.file))) as document:
        assert len(document.pages) > 2
        for page in document.pages:
            assert (
                line.encode("cp1252") in page.Contents.read_bytes()
                if not isinstance(page.Contents, pikepdf.Array)
                else any(line.encode("cp1252") in part.read_bytes() for part in page.Contents)
            )
        with document.open_outline() as outline:
            assert [item.title for item in outline.root] == [f"{first.number} {first.title}"]
    names = list(bundle.names_in(read_bytes(auditor.file)))
    assert len([name for name in names if name.endswith("00-dossier.pdf")]) == 2
    assert any("begroting" in name for name in names)
    assert first.bars.count() == 0
    # Recused afterwards: the bundle with that dossier is no longer theirs to fetch.
    committee.recuse(meeting, member=member, application=first, reason="Later ontdekt.", by=secretary)
    assert own not in CommitteePaper.objects.visible_to(member)


def test_a_watermark_survives_strange_names_and_what_is_no_pdf_is_refused():
    stamped = watermark.stamp(pdf_bytes(title="x"), "Zoë (Ω) \\ O'Neill")
    with pikepdf.open(BytesIO(stamped)) as document:
        assert len(document.pages) == 1
    with pytest.raises(pikepdf.PdfError):
        watermark.stamp(b"geen pdf", "x")


def test_a_bundle_needs_somebody_and_something(sitting, secretary):
    for fields, message in (
        ({"for_name": ""}, "kan zo niet"),
        ({"purpose": " "}, "kan zo niet"),
        ({"kind": "minutes"}, "Kies een vorm"),
    ):
        with pytest.raises(DomainError, match=message):
            papers.ask_bundle(
                sitting[0], by=secretary, **{"kind": "bundle_pdf", "for_name": "x", "purpose": "y", **fields}
            )


def test_after_the_release_attendance_and_agenda_stand(decided, secretary):
    meeting, _ = decided
    release.release(meeting, by=secretary)
    with pytest.raises(WrongState):
        meetings.note_attendance(meeting, absent=[], by=secretary)
    with pytest.raises(WrongState):
        meetings.describe(meeting, starts_at=None, location="", notes="", by=secretary)
    assert not papers.ask_minutes(meeting, by=secretary).content["is_draft"]
    assert YEARS
