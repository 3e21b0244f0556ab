"""Sending a stored file: only after the caller proved that this person may have it, and never without an audit row."""

import logging
import zipfile
from collections.abc import Callable
from io import BytesIO
from typing import IO, Any, TypeVar, cast

import pikepdf
from csp.constants import SELF
from csp.decorators import csp_replace
from django.http import FileResponse, Http404

from ibnportal.core.accounts.models import User
from ibnportal.core.audit import trail
from ibnportal.core.files import store, watermark
from ibnportal.core.files.kinds import PDF
from ibnportal.core.files.models import StoredFile

logger = logging.getLogger(__name__)
AnyView = TypeVar("AnyView", bound=Callable[..., Any])

ATTACHMENT_POLICY = "default-src 'none'; sandbox"
# A browser's own PDF viewer does not work in a sandbox; checked PDFs hold no script (see `checks`).
INLINE_POLICY = "default-src 'none'; object-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'self'"


def shows_files(view: AnyView) -> AnyView:
    """For a view whose page shows a stored PDF in a frame: frames of our own addresses, on this page only."""
    return cast("AnyView", csp_replace({"frame-src": [SELF]})(view))


def respond(
    stored_file: StoredFile, *, by: User | str | None, inline: bool = False, confidential: bool = False
) -> FileResponse:
    """The file as a download; with `inline` a PDF is shown in the page. 404 when the store lost it (and it is logged).

    What is `confidential` leaves with the name and the moment on it for experts and the committee (CONF-01); a copy that cannot
    be marked does not leave.
    """
    shown = inline and stored_file.content_type == PDF
    try:
        content = store.open_file(stored_file)
    except FileNotFoundError as error:
        logger.exception("Blob %s of file %s is missing", stored_file.blob_id, stored_file.pk)
        raise Http404 from error
    mark = watermark.text_for(by) if confidential and isinstance(by, User) else ""
    if mark:
        with content:
            content = _marked(stored_file, content.read(), mark)
    changes = {"name": stored_file.name} | ({"mark": mark} if mark else {})
    trail.record("storedfile.downloaded", stored_file, by=by, changes=changes)
    response = FileResponse(
        content, as_attachment=not shown, filename=stored_file.name, content_type=stored_file.content_type
    )
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = INLINE_POLICY if shown else ATTACHMENT_POLICY
    response["Cache-Control"] = "private, no-store"
    if shown:
        response["X-Frame-Options"] = "SAMEORIGIN"
    return response


def _marked(stored_file: StoredFile, content: bytes, mark: str) -> IO[bytes]:
    try:
        return BytesIO(watermark.marked(content, content_type=stored_file.content_type, text=mark))
    except (pikepdf.PdfError, zipfile.BadZipFile) as error:
        logger.exception("File %s could not be marked and was not sent", stored_file.pk)
        raise Http404 from error
