"""From a template to a tagged PDF: accessible (PDF/UA-1), in Dutch, with a title, and blind to the network.

WeasyPrint is imported when the first document is made: that takes seconds and a worker does it, never a page. Fonts, fetcher and the stylesheet that
every document shares (`templates/pdf/base.css`) are read once a thread and kept.
"""

import atexit
import threading
from collections.abc import Mapping, Sequence
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from django.contrib.staticfiles import finders
from django.template.loader import render_to_string

if TYPE_CHECKING:
    from weasyprint.urls import URLFetcherResponse

VARIANT = "pdf/ua-1"
STATIC_SCHEME = "static"
BASE_STYLE = "pdf/base.css"
DOTS_IN_INCH, POINTS_IN_INCH = 300, 72
MOST_COLOURS = 128  # of a drawing with a handful of colours and the edges of its letters
_ALLOWED_SUFFIXES = {".css": "text/css", ".svg": "image/svg+xml", ".png": "image/png", ".woff2": "font/woff2"}


class ForbiddenAddress(ValueError):  # noqa: N818 - reads as a sentence where it is raised
    """A document asked for something that is neither in it nor one of our own static files."""


def render(template: str, context: Mapping[str, Any], *, title: str, lang: str = "nl") -> bytes:
    """The template as a PDF. It gets `title` and `lang` too and is a whole page: start it from `pdf/base.html`.

    Addresses in it are `data:` or `static:<path below static/>`; anything else raises ForbiddenAddress, so that a document
    can never fetch a file or an internal page.
    """
    html = render_to_string(template, {**context, "title": title, "lang": lang})
    return from_html(html)


def from_html(html: str, *, variant: str = VARIANT, attachments: Sequence[Any] = ()) -> bytes:
    """A whole HTML page as a tagged PDF, under the same restrictions as `render`.

    `attachments` are WeasyPrint's; only the archival variants (`pdf/a-3a`) take them.
    """
    from weasyprint import HTML  # noqa: PLC0415 - seconds to import; only who renders pays
    from weasyprint.urls import FatalURLFetchingError  # noqa: PLC0415

    kit = _kit()
    try:
        return bytes(
            HTML(string=html, url_fetcher=kit.fetcher).write_pdf(
                pdf_variant=variant,
                pdf_tags=True,
                attachments=list(attachments) or None,
                font_config=kit.fonts,
                stylesheets=[kit.stylesheet],
            )
        )
    except FatalURLFetchingError as error:
        # It is a BaseException, which would take the worker down.
        raise ForbiddenAddress(str(error)) from error


def picture(drawing: str, *, width_mm: float, height_mm: float) -> bytes:
    """An SVG as a PNG of that size in print, drawn by the same program and in the same letters as in a PDF.

    Sharp at 300 dots an inch; its file names no moment, so that the same drawing gives the same bytes.
    """
    import pypdfium2  # noqa: PLC0415 - only who makes a picture pays for the library

    page = render_to_string(
        "pdf/picture.html", {"drawing": drawing, "width": f"{width_mm}mm", "height": f"{height_mm}mm"}
    )
    with _one_at_a_time:
        document = pypdfium2.PdfDocument(from_html(page))
        try:
            image = document[0].render(scale=DOTS_IN_INCH / POINTS_IN_INCH).to_pil()
        finally:
            document.close()
    out = BytesIO()
    image.quantize(MOST_COLOURS).save(out, "PNG", optimize=True, dpi=(DOTS_IN_INCH, DOTS_IN_INCH))
    return out.getvalue()


class _Kit:
    """What every document of one thread shares."""

    def __init__(self) -> None:
        from weasyprint import CSS  # noqa: PLC0415 - as above
        from weasyprint.text.fonts import FontConfiguration  # noqa: PLC0415

        self.fetcher = _fetcher()
        self.fonts = FontConfiguration()
        self.stylesheet = CSS(string=render_to_string(BASE_STYLE), font_config=self.fonts, url_fetcher=self.fetcher)


_held = threading.local()
_one_at_a_time = threading.Lock()
"""PDFium knows nothing of threads."""
# Fonts have to be let go while WeasyPrint is still whole, not when the interpreter takes it apart.
atexit.register(_held.__dict__.clear)


def _kit() -> _Kit:
    if not hasattr(_held, "kit"):
        _held.kit = _Kit()
    kit: _Kit = _held.kit
    return kit


def own_static_file(url: str) -> tuple[Path, str]:
    """(path, content type) of `static:<path>`; raises ForbiddenAddress for everything else, paths that climb included."""
    parts = urlsplit(url)
    path = unquote(parts.path).lstrip("/")
    if parts.scheme != STATIC_SCHEME or parts.netloc or not path or ".." in Path(path).parts:
        raise ForbiddenAddress(f"A document may not load {url[:200]!r}.")
    kind = _ALLOWED_SUFFIXES.get(Path(path).suffix.lower())
    found = finders.find(path) if kind else None
    if not found or kind is None:
        raise ForbiddenAddress(f"{url[:200]!r} is none of our static files.")
    return Path(found), kind


def _fetcher() -> Any:
    from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse  # noqa: PLC0415 - as above

    class OwnFilesOnly(URLFetcher):
        """Lets `data:` and our own static files through and breaks off at anything else."""

        def fetch(self, url: str, headers: Mapping[str, str] | None = None) -> "URLFetcherResponse":
            if url.lower().startswith("data:"):
                return super().fetch(url, headers)
            try:
                path, kind = own_static_file(url)
            except ForbiddenAddress as error:
                # Only this error is not swallowed by WeasyPrint: a missing image must not pass unseen.
                raise FatalURLFetchingError(str(error)) from error
            return URLFetcherResponse(url, path.read_bytes(), headers={"Content-Type": kind})

    return OwnFilesOnly(allowed_protocols=("data", STATIC_SCHEME), allow_redirects=False)
