"""What an account manager has seen of the portfolio, so that the next visit begins with what is new."""

from django.conf import settings
from django.db import models


class PortfolioMark(models.Model):
    """Until when somebody read what changed; one row a person, moved by that person alone."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="portfolio_mark")
    seen_at = models.DateTimeField("gelezen tot")

    class Meta:
        """One a person."""

        verbose_name = "leesmoment van de portefeuille"
        verbose_name_plural = "leesmomenten van de portefeuille"

    def __str__(self) -> str:
        """Who and until when."""
        return f"{self.user}, tot {self.seen_at:%d/%m/%Y %H:%M}"
