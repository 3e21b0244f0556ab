"""The accessibility statement, and the style guide for developers."""

from collections.abc import Callable
from functools import wraps

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme

from ibnportal.core.access import PUBLIC, access
from ibnportal.core.ui.forms import StyleGuideForm
from ibnportal.core.ui.samples import samples

SAMPLE_JOB_PARTS = 12

PlainView = Callable[[HttpRequest], HttpResponse]


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001 - as Django calls it
    """A form whose secret is no longer that of this browser: nothing was done, and the page it came from is one link away, where it is one of ours."""
    came_from = request.headers.get("Referer", "")
    is_ours = url_has_allowed_host_and_scheme(
        came_from, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return render(request, "403_csrf.html", {"back": came_from if is_ours else ""}, status=403)


def debug_only(view: PlainView) -> PlainView:
    """As if the page did not exist, unless in debug."""

    @wraps(view)
    def guarded(request: HttpRequest) -> HttpResponse:
        if not settings.DEBUG:
            raise Http404
        return view(request)

    return guarded


@access(PUBLIC)
def accessibility(request: HttpRequest) -> HttpResponse:
    """What was tested, what is known not to work, and whom to tell."""
    return render(request, "ui/accessibility.html")


@access(PUBLIC)
@debug_only
def style_guide(request: HttpRequest) -> HttpResponse:
    """Every component in all its states; `?fout` shows the form as it comes back."""
    form = StyleGuideForm(
        {"name": "", "enterprise_number": "0566.988.250", "role": "x"} if "fout" in request.GET else None
    )
    if form.is_bound:
        form.add_error("enterprise_number", "Het controlegetal klopt niet: verwacht 59, niet 50.")
        form.add_error(None, "De vooraanmelding telt 9 geldige brieven; er zijn er 10 nodig.")
    return render(request, "stijlgids/index.html", {"form": form, **samples()})


@access(PUBLIC)
@debug_only
def style_guide_job(request: HttpRequest) -> HttpResponse:
    """What a job answers when it is polled: here it goes on by one with every poll, and then is done."""
    done = min(int(request.session.get("style_guide_job", 0)) + 1, SAMPLE_JOB_PARTS)
    request.session["style_guide_job"] = done % SAMPLE_JOB_PARTS
    return render(request, "stijlgids/job.html", {"done": done, "total": SAMPLE_JOB_PARTS})


@access(PUBLIC)
@debug_only
def style_guide_not_found(request: HttpRequest) -> HttpResponse:
    """The page for what is not there."""
    return render(request, "404.html", status=404)


@access(PUBLIC)
@debug_only
def style_guide_server_error(request: HttpRequest) -> HttpResponse:
    """The page for when we fail."""
    return render(request, "500.html", status=500)
