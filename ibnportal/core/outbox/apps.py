"""The outbox."""

from django.apps import AppConfig


class OutboxConfig(AppConfig):
    """Holds the queue of effects and the register of mail."""

    name = "ibnportal.core.outbox"
    label = "outbox"
    verbose_name = "Uitgaande opdrachten"
