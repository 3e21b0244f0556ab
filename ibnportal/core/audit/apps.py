"""The audit trail."""

from django.apps import AppConfig


class AuditConfig(AppConfig):
    """Holds the trail and the command that checks every invariant."""

    name = "ibnportal.core.audit"
    label = "audit"
    verbose_name = "Auditspoor"
