"""The ranking computed anew beside its plain SQL, a frozen ranking beside its floor, a decision sheet beside a plain render (speed.md)."""

import gc
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pgtrigger
import pytest
from django.conf import settings
from django.db import connection
from django.template.loader import render_to_string
from django.test.utils import CaptureQueriesContext

from applications.models import Application
from evaluation.documents import sheet as document
from evaluation.domain import ranking, standings
from evaluation.models import Advice, Assignment, Ranking, RankingEntry
from ibnportal.core import clock
from ibnportal.core.accounts.enums import Role
from ibnportal.core.accounts.models import Organisation
from ibnportal.core.canonical import canonical
from tests.benchmarks.harness import MAX_QUERIES, measure, report, rows_floor
from tests.factories.calls import install_call
from tests.factories.evaluation import advised, evaluated, released

pytestmark = [pytest.mark.benchmark, pytest.mark.django_db]

PLAIN = """
    SELECT dossier.number
    FROM evaluation_panelscore score
    JOIN calls_criterion criterion ON criterion.id = score.criterion_id
    JOIN calls_dimension dimension ON dimension.id = criterion.dimension_id
    JOIN calls_scalestep step ON step.id = score.step_id
    JOIN evaluation_advice advice ON advice.id = score.advice_id
    JOIN applications_application dossier ON dossier.id = advice.application_id
    WHERE dossier.call_id = %s AND dossier.state = 'p2_advised'
    GROUP BY dossier.id, advice.id
    ORDER BY
        advice.doubts_identity OR advice.distorts_market
            OR count(*) FILTER (WHERE dimension.code = 'potential' AND step.code = 'rather_weak') >= 3
            OR count(*) FILTER (WHERE dimension.code = 'potential' AND step.code = 'critical') >= 1
            OR count(*) FILTER (WHERE dimension.code = 'quality' AND step.code = 'unsupportable') >= 1,
        sum(dimension.weight * criterion.weight * step.value) DESC,
        sum(criterion.weight * step.value) FILTER (WHERE dimension.code = 'policy') DESC,
        sum(criterion.weight * step.value) FILTER (WHERE dimension.code = 'potential') DESC,
        sum(criterion.weight * step.value) FILTER (WHERE dimension.code = 'quality') DESC,
        dossier.requested_grant, dossier.number
"""


def timed(work: Callable[[], Any], rounds: int = 7) -> float:
    work()
    taken = []
    for _ in range(rounds):
        began = time.perf_counter()
        work()
        taken.append(time.perf_counter() - began)
    return statistics.median(taken)


def fill(call: Any, size: int, people: list[Any]) -> None:
    """So many advised dossiers with sixteen panel scores and three experts' scores each; the same at every run."""
    now, by = clock.now(), people[0]
    applicant, _ = Organisation.objects.get_or_create(name="Bench vzw")
    made = Application.objects.bulk_create(
        [
            Application(
                number=f"R-{number:06d}", call=call, title=f"Initiatief {number}", applicant=applicant, created_at=now, created_by=by, state="p2_advised",
                state_changed_at=now, requested_grant=300_000 + number % 7 * 50_000,
            )
            for number in range(Application.objects.filter(call=call).count(), size)
        ],
        batch_size=5000,
    )  # fmt: skip
    advices = Advice.objects.bulk_create(
        [
            Advice(application=row, phase=2, recommendation="positive", text="x", given_at=now, given_by=by)
            for row in made
        ],
        batch_size=5000,
    )
    assignments = Assignment.objects.bulk_create(
        [
            Assignment(
                application=row, expert=person, state="handed_in", invited_at=now, invited_by=by, declared_at=now, keeps_confidential=True,
                has_interest=False, handed_in_at=now,
            )
            for row in made
            for person in people
        ],
        batch_size=5000,
    )  # fmt: skip
    _scores("evaluation_panelscore", "advice_id", [row.pk for row in advices], call)
    with pgtrigger.ignore("evaluation.Score:score_only_by_a_declared_expert"):
        _scores("evaluation_score", "assignment_id", [row.pk for row in assignments], call)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE evaluation_panelscore, evaluation_advice, applications_application, evaluation_score")


def _scores(table: str, owner: str, owners: list[int], call: Any) -> None:
    """Sixteen scores for each owner, drawn by hash among the four best steps."""
    moment = {"evaluation_score": (", saved_at", ", now()")}.get(table, ("", ""))
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} ({owner}, criterion_id, step_id, motivation{moment[0]}) "
            f"SELECT o, c.id, s.id, 'x'{moment[1]} FROM unnest(%s::bigint[]) o "
            "CROSS JOIN (SELECT k.id FROM calls_criterion k JOIN calls_dimension d ON d.id = k.dimension_id WHERE d.call_id = %s) c "
            "JOIN (SELECT id, row_number() OVER (ORDER BY value) - 1 AS place FROM calls_scalestep WHERE call_id = %s AND value >= 1) s "
            "ON s.place = ('x' || substr(md5(o::text || ':' || c.id::text), 1, 4))::bit(16)::int %% 4",
            [owners, call.pk, call.pk],
        )


def plain(call: Any) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(PLAIN, [call.pk])
        return [row[0] for row in cursor.fetchall()]


def test_the_ranking_of_ten_thousand_is_right_again_in_little_more_than_its_plain_sql(make_user):
    call, people = install_call("2025"), [make_user(Role.EXPERT) for _ in range(3)]
    ratios = {}
    for size in (1_000, 10_000):
        fill(call, size, people)
        with CaptureQueriesContext(connection) as captured:
            _, places = standings.places_of(call)
        assert [place.number for place in places] == plain(call)
        assert len(captured) <= 2
        ours, floor = timed(lambda: standings.places_of(call)), timed(lambda: plain(call))
        ratios[size] = ours / floor
        print(
            f"\nranking anew, {size:>6} applications  ratio {ours / floor:5.2f}  median {ours * 1000:7.1f} ms  plain SQL {floor * 1000:7.1f} ms  queries {len(captured)}"
        )
    assert ratios[10_000] <= 1.5


def test_the_ranking_grows_with_its_dossiers_and_no_faster(make_user):
    """Linear to a hundred thousand: ten times as many dossiers take ten times as long, as they do the plain SQL."""
    call, people = install_call("2025"), [make_user(Role.EXPERT) for _ in range(3)]
    ours, floor = {}, {}
    for size in (10_000, 100_000):
        fill(call, size, people)
        _, places = standings.places_of(call)
        assert [place.number for place in places] == plain(call)
        del places
        gc.collect()
        ours[size], floor[size] = timed(lambda: standings.places_of(call)), timed(lambda: plain(call))
        print(
            f"\nranking anew, {size:>6} applications  {ours[size] * 1000:7.1f} ms  plain SQL {floor[size] * 1000:7.1f} ms"
        )
    growth, floor_growth = ours[100_000] / ours[10_000], floor[100_000] / floor[10_000]
    print(f"ten times as many: {growth:4.1f} times as long, plain SQL {floor_growth:4.1f}")
    assert growth <= 15


@pytest.mark.parametrize("size", [100, 250])
def test_a_frozen_ranking_is_read_in_two_floors(client, staff, make_user, grow, size):
    call = install_call("2025")
    fill(call, size, [make_user(Role.EXPERT) for _ in range(3)])
    frozen = ranking.freeze(call, by=staff)

    def rows() -> Any:
        entries = RankingEntry.objects.filter(ranking=frozen).select_related("application").order_by("rank")
        return entries.values_list("rank", "application__number", "application__title", "total", "requested_amount")

    client.force_login(staff)
    with CaptureQueriesContext(connection) as first:
        client.get("/comite/rangschikking/2025/")  # who reads it first keeps its rows for the next
    assert len(first) <= MAX_QUERIES
    alone = measure(client, "/comite/rangschikking/2025/", floor=rows_floor(rows))
    grow(10_000)  # others, in other calls
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE applications_application")
    among = measure(client, "/comite/rangschikking/2025/", floor=rows_floor(rows))
    report(f"frozen ranking, {size} rows", {size: alone, 10_000: among})
    for found in (alone, among):
        assert found.page.queries <= MAX_QUERIES
        assert found.page.repeated == 0
        assert found.ratio <= 2.0
    assert among.ratio / alone.ratio <= 1.15
    assert Ranking.objects.count() == 1


def test_a_frozen_ranking_costs_the_same_in_a_base_of_a_hundred_thousand(client, staff, make_user, grow):
    call = install_call("2025")
    fill(call, 100, [make_user(Role.EXPERT) for _ in range(3)])
    frozen = ranking.freeze(call, by=staff)

    def rows() -> Any:
        entries = RankingEntry.objects.filter(ranking=frozen).select_related("application").order_by("rank")
        return entries.values_list("rank", "application__number", "application__title", "total", "requested_amount")

    client.force_login(staff)
    client.get("/comite/rangschikking/2025/")  # who reads it first keeps its rows for the next
    found = {}
    for size in (100, 100_000):
        grow(size)
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE applications_application, calls_call, evaluation_rankingentry")
        found[size] = measure(client, "/comite/rangschikking/2025/", floor=rows_floor(rows))
    report("frozen ranking, 100 rows", found)
    assert found[100].page.queries == found[100_000].page.queries
    assert found[100_000].ratio / found[100].ratio <= 1.3


def test_a_decision_sheet_costs_less_than_a_plain_render_of_its_page(drain_outbox):
    from weasyprint import HTML

    decision = released(advised(evaluated(letters=1)))
    content = decision.sheet.snapshot
    data = canonical(content)
    url = "https://portaal.example/fiche/controle/?code=2345-6789-ABCD"
    css = render_to_string("pdf/base.css").replace("static:", f"{Path(settings.BASE_DIR, 'static').as_uri()}/")
    html = document.html_of(content, digest=decision.sheet.content_hash, check_url=url).replace(
        "<style>", f"<style>{css}", 1
    )
    ours = timed(lambda: document.render(content, data, check_url=url))
    floor = timed(lambda: HTML(string=html).write_pdf(pdf_variant="pdf/a-3a", pdf_tags=True))
    print(
        f"\ndecision sheet  ratio {ours / floor:5.2f}  median {ours * 1000:7.1f} ms  plain WeasyPrint {floor * 1000:7.1f} ms"
    )
    assert ours / floor <= 0.9
