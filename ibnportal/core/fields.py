"""Model fields that several apps need."""

from typing import Any

from django import forms
from django.db import models


class WebsiteField(models.URLField):  # type: ignore[type-arg]
    """A web address; without a scheme, https is meant. For migrations it is a plain URLField."""

    def formfield(self, **kwargs: Any) -> forms.Field | None:
        """The form field, which adds the scheme."""
        return super().formfield(**{"assume_scheme": "https", **kwargs})

    def deconstruct(self) -> Any:
        """As Django's own field, so that migrations know nothing of this class."""
        name, _, args, kwargs = super().deconstruct()
        return name, "django.db.models.URLField", args, kwargs
