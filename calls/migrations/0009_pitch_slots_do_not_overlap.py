"""No two pitches at once in one room, whatever their length; two terms of the screening."""

import django.contrib.postgres.constraints
from django.db import migrations, models

import calls.models.call


class Migration(migrations.Migration):
    dependencies = [
        ("calls", "0008_recovery_term"),
    ]

    operations = [
        migrations.AddField(
            model_name="callrules",
            name="screening_working_days",
            field=models.PositiveSmallIntegerField(
                blank=True,
                help_text="werkdagen na het sluiten van de fase of na de aanvulling; intern, bindt de aanvrager niet (gekozen)",
                null=True,
                verbose_name="streeftermijn screening",
            ),
        ),
        migrations.AddField(
            model_name="callrules",
            name="supplement_reminder_working_days",
            field=models.PositiveSmallIntegerField(
                blank=True,
                help_text="werkdagen voor het einde van de termijn; NOT-05 (gekozen); leeg: geen herinnering",
                null=True,
                verbose_name="herinnering vervollediging",
            ),
        ),
        migrations.AddConstraint(
            model_name="pitchslot",
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(
                expressions=[(calls.models.call.RoomTime("call_id", "room", "starts_at", "ends_at"), "&&")],
                name="pitch_slots_do_not_overlap",
                violation_error_message="In deze zaal loopt op dat moment al een pitch.",
            ),
        ),
        migrations.AlterField(
            model_name="mailtext",
            name="kind",
            field=models.CharField(
                choices=[
                    ("receipt", "Ontvangstmelding"),
                    ("screening_admissible", "Ontvankelijk"),
                    ("screening_inadmissible", "Niet ontvankelijk"),
                    ("supplement_asked", "Vraag om vervollediging"),
                    ("supplement_reminder", "Herinnering aan de vervollediging"),
                    ("supplement_answered", "Aanvulling ontvangen"),
                    ("supplement_expired", "Termijn van vervollediging voorbij"),
                    ("pitch_invitation", "Uitnodiging voor de pitch"),
                    ("pitch_cancelled", "Pitch vervalt"),
                    ("committee_preselection", "Feedback na de preselectie"),
                    ("merged", "Samenvoeging"),
                    ("merger_undone", "Samenvoeging ongedaan gemaakt"),
                    ("committee_decision", "Beslissing over de steun"),
                    ("call_amended", "De oproep is gewijzigd"),
                    ("prediscussion_asked", "Voorbespreking gevraagd"),
                    ("prediscussion_planned", "Voorbespreking gepland"),
                    ("prediscussion_advised", "Advies na de voorbespreking"),
                    ("enquiry_answered", "Antwoord op een vraag"),
                ],
                max_length=30,
                verbose_name="bericht",
            ),
        ),
    ]
