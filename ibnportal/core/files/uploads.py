"""An upload that is far too large is read to its end but not kept, so that the page can still say what is wrong."""

from typing import Any

from django.core.files.uploadhandler import TemporaryFileUploadHandler

from ibnportal.core.files.kinds import MEGABYTE

MAX_UPLOAD = 50 * MEGABYTE


class CappedUploadHandler(TemporaryFileUploadHandler):
    """Keeps the first 50 MB on disk; the file's `size` stays the real one, so that `store` refuses it by name."""

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        """Start counting for the next file of the request."""
        super().new_file(*args, **kwargs)
        self.kept = 0

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        """Keep the chunk as long as there is room; what follows is counted by Django and thrown away."""
        if self.kept < MAX_UPLOAD:
            self.kept += len(raw_data)
            return super().receive_data_chunk(raw_data, start)
        return None
