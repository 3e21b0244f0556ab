"""Screening by several people, requests to complete a dossier item by item, kept messages, and mergers."""

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models


def items_become_rows(apps, schema_editor):  # noqa: ARG001 - Django's signature
    """Each sentence of the list becomes a row of its own, in the same order."""
    item_model = apps.get_model("applications", "SupplementItem")
    for supplement in apps.get_model("applications", "Supplement").objects.all():
        item_model.objects.bulk_create(
            item_model(supplement=supplement, position=position, text=text)
            for position, text in enumerate(supplement.items_as_list, start=1)
        )


class Migration(migrations.Migration):
    dependencies = [
        ("applications", "0005_grants_with_a_term"),
        ("files", "0001_initial"),
        ("outbox", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RenameField(model_name="supplement", old_name="items", new_name="items_as_list"),
        migrations.CreateModel(
            name="DossierHandler",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("since_at", models.DateTimeField(verbose_name="sinds")),
                ("until_at", models.DateTimeField(blank=True, null=True, verbose_name="tot")),
            ],
            options={
                "verbose_name": "dossierbehandelaar van een dossier",
            },
        ),
        migrations.CreateModel(
            name="Merger",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("reason", models.TextField(verbose_name="reden")),
                (
                    "state_before",
                    models.CharField(
                        choices=[
                            ("p1_draft", "Vooraanmelding in opmaak"),
                            ("p1_submitted", "Vooraanmelding ingediend"),
                            ("p1_supplement_asked", "Vervollediging vooraanmelding gevraagd"),
                            ("p1_supplement_answered", "Vervollediging vooraanmelding ontvangen"),
                            ("p1_supplement_expired", "Vervollediging vooraanmelding niet ontvangen"),
                            ("p1_admissible", "Vooraanmelding ontvankelijk"),
                            ("p1_inadmissible", "Vooraanmelding onontvankelijk"),
                            ("p1_pitched", "Pitch gehouden"),
                            ("p1_advised", "Advies vooraanmelding klaar"),
                            ("preselected", "Gepreselecteerd"),
                            ("not_preselected", "Niet gepreselecteerd"),
                            ("merge_advised", "Samenvoeging aangeraden"),
                            ("merged", "Samengevoegd met een ander initiatief"),
                            ("p2_draft", "Volledige aanvraag in opmaak"),
                            ("p2_submitted", "Volledige aanvraag ingediend"),
                            ("p2_supplement_asked", "Vervollediging gevraagd"),
                            ("p2_supplement_answered", "Vervollediging ontvangen"),
                            ("p2_supplement_expired", "Vervollediging niet ontvangen"),
                            ("p2_admissible", "Ontvankelijk en volledig"),
                            ("p2_inadmissible", "Volledige aanvraag onontvankelijk"),
                            ("p2_evaluation", "In beoordeling"),
                            ("p2_advised", "Advies klaar"),
                            ("awarded", "Steun toegekend"),
                            ("rejected", "Niet gesteund"),
                            ("review_requested", "Herziening gevraagd"),
                            ("review_upheld", "Beslissing bevestigd na herziening"),
                            ("not_submitted", "Geen volledige aanvraag ingediend"),
                            ("withdrawn", "Ingetrokken"),
                        ],
                        max_length=30,
                        verbose_name="status voordien",
                    ),
                ),
                ("merged_at", models.DateTimeField(verbose_name="samengevoegd op")),
                ("undone_at", models.DateTimeField(blank=True, null=True, verbose_name="ongedaan gemaakt op")),
                ("undo_reason", models.TextField(blank=True, verbose_name="reden van het ongedaan maken")),
            ],
            options={
                "verbose_name": "samenvoeging",
                "verbose_name_plural": "samenvoegingen",
                "ordering": ("merged_at",),
            },
        ),
        migrations.CreateModel(
            name="NoticeText",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("template", models.CharField(max_length=40, verbose_name="soort bericht")),
                ("text", models.TextField(verbose_name="tekst")),
                ("based_on", models.CharField(max_length=64, verbose_name="controlegetal van de voorgestelde tekst")),
                ("written_at", models.DateTimeField(verbose_name="geschreven op")),
                ("used_at", models.DateTimeField(blank=True, null=True, verbose_name="gebruikt op")),
            ],
            options={
                "verbose_name": "eigen tekst voor een bericht",
            },
        ),
        migrations.CreateModel(
            name="ScreeningVisit",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("came_at", models.DateTimeField(verbose_name="geopend op")),
                ("seen_at", models.DateTimeField(verbose_name="laatst gezien op")),
            ],
            options={
                "verbose_name": "open scherm",
            },
        ),
        migrations.CreateModel(
            name="SentNotice",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "phase",
                    models.PositiveSmallIntegerField(
                        choices=[(1, "Vooraanmelding"), (2, "Volledige aanvraag")], verbose_name="fase"
                    ),
                ),
                ("template", models.CharField(max_length=40, verbose_name="soort bericht")),
                ("key", models.CharField(max_length=180, unique=True, verbose_name="sleutel")),
                ("to", models.JSONField(default=list, verbose_name="aan")),
                ("subject", models.CharField(max_length=250, verbose_name="onderwerp")),
                ("text", models.TextField(verbose_name="tekst")),
                ("composed_text", models.TextField(verbose_name="voorgestelde tekst")),
                ("posted_at", models.DateTimeField(verbose_name="klaargezet op")),
            ],
            options={
                "verbose_name": "bericht aan de aanvrager",
                "verbose_name_plural": "berichten aan de aanvrager",
                "ordering": ("-posted_at", "-id"),
            },
        ),
        migrations.CreateModel(
            name="SupplementItem",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("position", models.PositiveSmallIntegerField(verbose_name="volgorde")),
                ("text", models.TextField(verbose_name="wat gevraagd is")),
                (
                    "part",
                    models.CharField(
                        choices=[
                            ("question", "Een antwoord in woorden"),
                            ("section", "Onderdeel van de vragenlijst"),
                            ("document", "Bijlage"),
                        ],
                        default="question",
                        max_length=10,
                        verbose_name="onderdeel",
                    ),
                ),
                ("code", models.CharField(blank=True, max_length=40, verbose_name="code van het onderdeel")),
                ("answer", models.TextField(blank=True, verbose_name="antwoord")),
                ("answers", models.JSONField(blank=True, default=dict, verbose_name="nieuwe antwoorden")),
                ("version", models.PositiveIntegerField(default=0, verbose_name="versie")),
                ("saved_at", models.DateTimeField(blank=True, null=True, verbose_name="bewaard op")),
            ],
            options={
                "verbose_name": "gevraagd punt",
                "ordering": ("position",),
            },
        ),
        migrations.AlterModelOptions(
            name="supplement",
            options={"ordering": ("phase",), "verbose_name": "vervollediging"},
        ),
        migrations.AddField(
            model_name="supplement",
            name="budget_file",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="files.storedfile",
                verbose_name="gecorrigeerde begroting",
            ),
        ),
        migrations.AddField(
            model_name="supplement",
            name="phase",
            field=models.PositiveSmallIntegerField(
                choices=[(1, "Vooraanmelding"), (2, "Volledige aanvraag")], default=2, verbose_name="fase"
            ),
        ),
        migrations.AddField(
            model_name="supplement",
            name="remind_on",
            field=models.DateField(blank=True, null=True, verbose_name="herinneren op"),
        ),
        migrations.AddField(
            model_name="supplement",
            name="reminded_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="herinnerd op"),
        ),
        migrations.AddField(
            model_name="supplement",
            name="saved_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="bewaard op"),
        ),
        migrations.AddField(
            model_name="supplement",
            name="saved_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="supplement",
            name="version",
            field=models.PositiveIntegerField(default=0, verbose_name="versie van het antwoord"),
        ),
        migrations.AlterField(
            model_name="application",
            name="state",
            field=models.CharField(
                choices=[
                    ("p1_draft", "Vooraanmelding in opmaak"),
                    ("p1_submitted", "Vooraanmelding ingediend"),
                    ("p1_supplement_asked", "Vervollediging vooraanmelding gevraagd"),
                    ("p1_supplement_answered", "Vervollediging vooraanmelding ontvangen"),
                    ("p1_supplement_expired", "Vervollediging vooraanmelding niet ontvangen"),
                    ("p1_admissible", "Vooraanmelding ontvankelijk"),
                    ("p1_inadmissible", "Vooraanmelding onontvankelijk"),
                    ("p1_pitched", "Pitch gehouden"),
                    ("p1_advised", "Advies vooraanmelding klaar"),
                    ("preselected", "Gepreselecteerd"),
                    ("not_preselected", "Niet gepreselecteerd"),
                    ("merge_advised", "Samenvoeging aangeraden"),
                    ("merged", "Samengevoegd met een ander initiatief"),
                    ("p2_draft", "Volledige aanvraag in opmaak"),
                    ("p2_submitted", "Volledige aanvraag ingediend"),
                    ("p2_supplement_asked", "Vervollediging gevraagd"),
                    ("p2_supplement_answered", "Vervollediging ontvangen"),
                    ("p2_supplement_expired", "Vervollediging niet ontvangen"),
                    ("p2_admissible", "Ontvankelijk en volledig"),
                    ("p2_inadmissible", "Volledige aanvraag onontvankelijk"),
                    ("p2_evaluation", "In beoordeling"),
                    ("p2_advised", "Advies klaar"),
                    ("awarded", "Steun toegekend"),
                    ("rejected", "Niet gesteund"),
                    ("review_requested", "Herziening gevraagd"),
                    ("review_upheld", "Beslissing bevestigd na herziening"),
                    ("not_submitted", "Geen volledige aanvraag ingediend"),
                    ("withdrawn", "Ingetrokken"),
                ],
                db_index=True,
                default="p1_draft",
                max_length=30,
                verbose_name="status",
            ),
        ),
        migrations.AlterField(
            model_name="supplement",
            name="application",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="supplements", to="applications.application"
            ),
        ),
        migrations.AddConstraint(
            model_name="supplement",
            constraint=models.UniqueConstraint(fields=("application", "phase"), name="supplement_once_per_phase"),
        ),
        migrations.AddConstraint(
            model_name="supplement",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("saved_at__isnull", True), ("saved_by__isnull", True)),
                    models.Q(("saved_at__isnull", False), ("saved_by__isnull", False)),
                    _connector="OR",
                ),
                name="supplement_saved_pair",
            ),
        ),
        migrations.AddField(
            model_name="dossierhandler",
            name="application",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="handlers", to="applications.application"
            ),
        ),
        migrations.AddField(
            model_name="dossierhandler",
            name="handler",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="handled_dossiers",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="dossierhandler",
            name="since_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="merger",
            name="joining",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="joined_mergers",
                to="applications.application",
            ),
        ),
        migrations.AddField(
            model_name="merger",
            name="lead",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="mergers", to="applications.application"
            ),
        ),
        migrations.AddField(
            model_name="merger",
            name="merged_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="merger",
            name="undone_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="noticetext",
            name="application",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="notice_texts", to="applications.application"
            ),
        ),
        migrations.AddField(
            model_name="noticetext",
            name="written_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="screeningvisit",
            name="application",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="visits", to="applications.application"
            ),
        ),
        migrations.AddField(
            model_name="screeningvisit",
            name="user",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="sentnotice",
            name="application",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="notices", to="applications.application"
            ),
        ),
        migrations.AddField(
            model_name="sentnotice",
            name="mails",
            field=models.ManyToManyField(related_name="+", to="outbox.mailrecord", verbose_name="mails"),
        ),
        migrations.AddField(
            model_name="sentnotice",
            name="posted_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="supplementitem",
            name="file",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="files.storedfile",
            ),
        ),
        migrations.AddField(
            model_name="supplementitem",
            name="saved_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="supplementitem",
            name="supplement",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="items", to="applications.supplement"
            ),
        ),
        migrations.AddConstraint(
            model_name="dossierhandler",
            constraint=models.UniqueConstraint(
                condition=models.Q(("until_at__isnull", True)), fields=("application",), name="one_handler_at_a_time"
            ),
        ),
        migrations.AddConstraint(
            model_name="dossierhandler",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("until_at__isnull", True), ("until_at__gte", models.F("since_at")), _connector="OR"
                ),
                name="handler_until_after_since",
            ),
        ),
        migrations.AddConstraint(
            model_name="merger",
            constraint=models.UniqueConstraint(
                condition=models.Q(("undone_at__isnull", True)), fields=("joining",), name="merged_into_one_at_most"
            ),
        ),
        migrations.AddConstraint(
            model_name="merger",
            constraint=models.CheckConstraint(
                condition=models.Q(("lead", models.F("joining")), _negated=True), name="merger_of_two"
            ),
        ),
        migrations.AddConstraint(
            model_name="merger",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("undo_reason", ""), ("undone_at__isnull", True), ("undone_by__isnull", True)),
                    models.Q(("undo_reason__gt", ""), ("undone_at__isnull", False), ("undone_by__isnull", False)),
                    _connector="OR",
                ),
                name="merger_undone_pair",
            ),
        ),
        migrations.AddConstraint(
            model_name="noticetext",
            constraint=models.UniqueConstraint(
                condition=models.Q(("used_at__isnull", True)),
                fields=("application", "template"),
                name="notice_text_waits_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="screeningvisit",
            constraint=models.UniqueConstraint(fields=("application", "user"), name="one_visit_per_person"),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="sentnotice",
            trigger=pgtrigger.compiler.Trigger(
                name="sent_notice_is_kept",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="faf4afe68d2d78cafbf58e580af16632e0935dc3",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_sent_notice_is_kept_345cb",
                    table="applications_sentnotice",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="supplementitem",
            constraint=models.UniqueConstraint(fields=("supplement", "position"), name="supplement_item_position_once"),
        ),
        migrations.AddConstraint(
            model_name="supplementitem",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("saved_at__isnull", True), ("saved_by__isnull", True)),
                    models.Q(("saved_at__isnull", False), ("saved_by__isnull", False)),
                    _connector="OR",
                ),
                name="supplement_item_saved_pair",
            ),
        ),
        migrations.AddConstraint(
            model_name="supplementitem",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("code", ""), ("part", "question")),
                    models.Q(models.Q(("part", "question"), _negated=True), ("code__gt", "")),
                    _connector="OR",
                ),
                name="supplement_item_part_has_code",
            ),
        ),
        migrations.RunPython(items_become_rows, migrations.RunPython.noop),
        migrations.RemoveField(model_name="supplement", name="items_as_list"),
    ]
