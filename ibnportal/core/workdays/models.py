"""Days on which the administration is closed although they are no legal holiday (X-61, X-62)."""

from django.db import models


class ClosingDay(models.Model):
    """One day that does not count as a working day; the legal holidays need no row."""

    date = models.DateField("datum", unique=True)
    name = models.CharField("naam", max_length=100)

    class Meta:
        verbose_name = "sluitingsdag"
        verbose_name_plural = "sluitingsdagen"
        ordering = ["date"]

    def __str__(self) -> str:
        return f"{self.date:%d/%m/%Y} {self.name}"
