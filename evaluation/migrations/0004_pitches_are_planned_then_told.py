"""A pitch is planned first and told afterwards, may trade places, and may fall away."""

import django.db.models.constraints
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("applications", "0006_screening_supplements_and_mergers"),
        ("calls", "0009_pitch_slots_do_not_overlap"),
        ("evaluation", "0003_committee_and_afterwards"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="pitch",
            name="cancel_reason",
            field=models.TextField(blank=True, verbose_name="reden van het vervallen"),
        ),
        migrations.AddField(
            model_name="pitch",
            name="cancelled_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="vervallen op"),
        ),
        migrations.AddField(
            model_name="pitch",
            name="cancelled_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="pitch",
            name="invited_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="uitgenodigd op"),
        ),
        migrations.AddField(
            model_name="pitch",
            name="invited_ends_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="uitgenodigd tot"),
        ),
        migrations.AddField(
            model_name="pitch",
            name="invited_room",
            field=models.CharField(blank=True, max_length=80, verbose_name="uitgenodigd in zaal"),
        ),
        migrations.AddField(
            model_name="pitch",
            name="invited_starts_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="uitgenodigd voor"),
        ),
        migrations.AddField(
            model_name="pitch",
            name="noted_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="notities bewaard op"),
        ),
        migrations.AddField(
            model_name="pitch",
            name="noted_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="pitch",
            name="notes_version",
            field=models.PositiveIntegerField(default=0, verbose_name="versie van de notities"),
        ),
        migrations.AddField(
            model_name="pitch",
            name="sequence",
            field=models.PositiveIntegerField(default=0, verbose_name="volgnummer van de afspraak"),
        ),
        migrations.AlterField(
            model_name="pitch",
            name="slot",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="pitches",
                to="calls.pitchslot",
            ),
        ),
        migrations.AddConstraint(
            model_name="pitch",
            constraint=models.UniqueConstraint(
                deferrable=django.db.models.constraints.Deferrable["IMMEDIATE"],
                fields=("slot",),
                name="pitch_slot_given_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="pitch",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("cancelled_at__isnull", True), ("cancelled_by__isnull", True), ("slot__isnull", False)),
                    models.Q(
                        ("cancelled_at__isnull", False),
                        ("cancelled_by__isnull", False),
                        ("held_at__isnull", True),
                        ("slot__isnull", True),
                    ),
                    _connector="OR",
                ),
                name="pitch_cancelled_has_no_slot",
            ),
        ),
        migrations.AddConstraint(
            model_name="pitch",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("noted_at__isnull", True), ("noted_by__isnull", True)),
                    models.Q(("noted_at__isnull", False), ("noted_by__isnull", False)),
                    _connector="OR",
                ),
                name="pitch_noted_pair",
            ),
        ),
        migrations.AddConstraint(
            model_name="pitch",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("invited_at__isnull", True),
                        ("invited_ends_at__isnull", True),
                        ("invited_starts_at__isnull", True),
                    ),
                    models.Q(
                        ("invited_at__isnull", False),
                        ("invited_ends_at__isnull", False),
                        ("invited_starts_at__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="pitch_invited_for_a_moment",
            ),
        ),
    ]
