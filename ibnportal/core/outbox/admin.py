"""The outbox and the mail, to read; a failing message can be asked to go again."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from ibnportal.core import clock
from ibnportal.core.audit.admin import ReadOnlyAdmin
from ibnportal.core.outbox import queue
from ibnportal.core.outbox.models import MailRecord, OutboxMessage


@admin.register(OutboxMessage)
class OutboxMessageAdmin(ReadOnlyAdmin):
    list_display = ["created_at", "topic", "subject_label", "attempts", "next_try_at", "done_at"]
    list_filter = ["topic", ("done_at", admin.EmptyFieldListFilter)]
    search_fields = ["key", "subject_label"]
    actions = ["try_now"]

    @admin.action(description="Probeer nu opnieuw", permissions=["view"])
    def try_now(self, request: HttpRequest, messages: QuerySet[OutboxMessage]) -> None:
        """Only what is not done: a key is never performed twice."""
        waiting = messages.filter(done_at__isnull=True)
        ids = list(waiting.values_list("pk", flat=True))
        waiting.update(next_try_at=clock.real_now(), claimed_at=None)
        for message_id in ids:
            queue.nudge(message_id)
        self.message_user(request, f"{len(ids)} opdrachten worden opnieuw geprobeerd.")


@admin.register(MailRecord)
class MailRecordAdmin(ReadOnlyAdmin):
    list_display = ["created_at", "to", "subject", "about", "sent_at"]
    list_filter = [("sent_at", admin.EmptyFieldListFilter)]
    search_fields = ["to", "subject", "about"]
    exclude = ["html"]
