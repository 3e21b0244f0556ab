"""How far the demo's clock stands from the machine's."""

from django.db import models


class DemoClock(models.Model):
    """At most one row; its absence means real time."""

    singleton = models.BooleanField(default=True, unique=True)
    offset_seconds = models.BigIntegerField(default=0)

    class Meta:
        verbose_name = "demoklok"
        verbose_name_plural = "demoklok"
        constraints = [models.CheckConstraint(condition=models.Q(singleton=True), name="democlock_one_row")]
