"""Fields that the monitoring's forms share."""

from typing import Any

from django import forms

from applications.forms.register import EuroField
from ibnportal.core.files.kinds import FileKind

__all__ = ("DateField", "EuroField", "PdfField", "TimeField")


class DateField(forms.DateField):
    """A day, with the browser's own calendar."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}))
        kwargs.setdefault("input_formats", ["%Y-%m-%d", "%d/%m/%Y", "%d-%m-%Y"])
        kwargs.setdefault("error_messages", {"invalid": "Vul een datum in, bijvoorbeeld 15/03/2027."})
        super().__init__(**kwargs)


class PdfField(forms.FileField):
    """One PDF; what it must be is checked by the file store."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.FileInput(attrs={"accept": FileKind.PROOF_PDF.rule.accept}))
        kwargs.setdefault("help_text", "PDF, ten hoogste 20 MB.")
        super().__init__(**kwargs)


class TimeField(forms.TimeField):
    """A time of the day, with the browser's own clock."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.TimeInput(format="%H:%M", attrs={"type": "time"}))
        kwargs.setdefault("input_formats", ["%H:%M", "%H.%M", "%H:%M:%S"])
        kwargs.setdefault("error_messages", {"invalid": "Vul een uur in, bijvoorbeeld 14:00."})
        super().__init__(**kwargs)
