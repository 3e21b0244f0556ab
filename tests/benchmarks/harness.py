"""Measures a page beside its floor, in one run: ratios travel between machines, milliseconds do not.

The *floor* of a page is a bare view behind the same middleware and the same login, that reads the same rows with as few
queries as possible and writes the same number of table rows. A benchmark names a page, its floor and its bar:

    @pytest.mark.benchmark
    def test_the_worklist(db, client, grow):
        user = grow(100)                                     # applications in the database
        small = measure(client, "/behandeling/", floor=rows_floor(Application.objects.select_related("call")[:25]), user=user)
        user = grow(10_000)
        large = measure(client, "/behandeling/", floor=..., user=user)
        report("worklist", {100: small, 10_000: large})
        assert_page(small, large, ratio=3.0, growth=1.15)
"""

import statistics
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.template.base import Template
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext
from django.urls import include, path
from django.utils.html import format_html, format_html_join

WARM_UP = 3
ROUNDS = 25
MAX_QUERIES = 8

_floor_view: Callable[[HttpRequest], HttpResponse] | None = None


def _floor(request: HttpRequest) -> HttpResponse:
    assert _floor_view is not None
    return _floor_view(request)


# The portal's own addresses, and one more: the floor.
urlpatterns = [path("bench-floor/", _floor), path("", include("ibnportal.urls"))]


@dataclass(frozen=True)
class Timing:
    median: float
    p95: float
    least: float
    queries: int
    repeated: int


@dataclass(frozen=True)
class Comparison:
    page: Timing
    floor: Timing

    @property
    def ratio(self) -> float:
        return self.page.median / self.floor.median

    @property
    def least_ratio(self) -> float:
        """The quickest round of either: what the work takes while nobody else is served, for a bar that a busy machine must not move."""
        return self.page.least / self.floor.least

    @property
    def jitter(self) -> float:
        """How much worse the page's tail is than the floor's, relative to their medians."""
        return (self.page.p95 / self.page.median) / (self.floor.p95 / self.floor.median)


def rows_floor(rows: Callable[[], Iterable[tuple[object, ...]]]) -> Callable[[HttpRequest], HttpResponse]:
    """A view that logs in like any page (it touches the user), reads `rows()` and writes one table row for each."""

    def view(request: HttpRequest) -> HttpResponse:
        who = str(request.user.pk)
        body = format_html_join("", "<tr><td>{}</td></tr>", ((" ".join(map(str, row)),) for row in rows()))
        return HttpResponse(format_html("<!doctype html><title>{}</title><table>{}</table>", who, body))

    return view


@contextmanager
def _templates_as_in_production() -> Iterator[None]:
    """Without the copy of its context that the test environment keeps of every template: a page has more of them than its floor."""
    watched = Template._render
    Template._render = lambda self, context: self.nodelist.render(context)
    try:
        yield
    finally:
        Template._render = watched


def _first(client: Client, address: str) -> tuple[int, int]:
    """How many queries the address takes, and how many of them say the same."""
    with CaptureQueriesContext(connection) as captured:
        answer = client.get(address)
    assert answer.status_code == 200, f"{address} answers {answer.status_code}"
    statements = [query["sql"] for query in captured.captured_queries]
    return len(statements), len(statements) - len(set(statements))


def _timing(taken: list[float], queries: int, repeated: int) -> Timing:
    taken.sort()
    return Timing(
        median=statistics.median(taken),
        p95=taken[round(0.95 * (len(taken) - 1))],
        least=taken[0],
        queries=queries,
        repeated=repeated,
    )


def measure(
    client: Client, address: str, *, floor: Callable[[HttpRequest], HttpResponse], rounds: int = ROUNDS
) -> Comparison:
    """The page and its floor, turn by turn with the same logged-in client, so that a busy machine weighs on both alike."""
    global _floor_view  # noqa: PLW0603 - the URLconf is a module
    _floor_view = floor
    addresses = (address, "/bench-floor/")
    taken: tuple[list[float], list[float]] = ([], [])
    with override_settings(ROOT_URLCONF="tests.benchmarks.harness"), _templates_as_in_production():
        counts = [_first(client, each) for each in addresses]
        for round_ in range(WARM_UP + rounds):
            for each, times in zip(addresses, taken, strict=True):
                began = time.perf_counter()
                client.get(each)
                if round_ >= WARM_UP:
                    times.append(time.perf_counter() - began)
    page, bare = (_timing(times, *count) for times, count in zip(taken, counts, strict=True))
    return Comparison(page=page, floor=bare)


def quietest(
    client: Client, address: str, *, floor: Callable[[HttpRequest], HttpResponse], times: int = 4
) -> Comparison:
    """Of several measurements the one in which page and floor together took least: the machine was busy least, whatever the ratio."""
    measured = [measure(client, address, floor=floor) for _ in range(times)]
    return min(measured, key=lambda found: found.page.median + found.floor.median)


def report(name: str, by_size: dict[int, Comparison]) -> None:
    """One line a size."""
    print()
    for size, found in by_size.items():
        print(
            f"{name:32} {size:>7} applications  ratio {found.ratio:5.2f}  median {found.page.median * 1000:7.2f} ms"
            f"  p95 {found.page.p95 * 1000:7.2f} ms  queries {found.page.queries:3} (repeated {found.page.repeated})"
            f"  floor {found.floor.median * 1000:6.2f} ms"
        )


def assert_page(small: Comparison, large: Comparison, *, ratio: float, growth: float = 1.15) -> None:
    """The bars of a page: queries few, constant and unrepeated; at most `ratio` floors; growing no faster than `growth`."""
    assert small.page.queries <= MAX_QUERIES
    assert large.page.queries == small.page.queries
    assert large.page.repeated == 0
    assert small.ratio <= ratio
    assert large.ratio <= ratio
    assert large.ratio / small.ratio <= growth
