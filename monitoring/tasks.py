"""Work of the monitoring in the background: payment orders through the outbox, reminders of reports by the clock (NOT-11)."""

from datetime import timedelta

from celery import shared_task

from ibnportal.core import clock
from ibnportal.core.files.kinds import FileKind
from ibnportal.core.files.store import store_bytes
from ibnportal.core.lifecycle import lock
from ibnportal.core.outbox.models import OutboxMessage
from ibnportal.core.outbox.queue import performs
from ibnportal.core.ui.formats import plain_date
from monitoring.documents import payment_order
from monitoring.domain import reminders, tranches
from monitoring.enums import TrancheState
from monitoring.models import Tranche

REMIND_BEFORE = timedelta(days=14)


@performs(tranches.PAYMENT_ORDER)
def make_payment_order(message: OutboxMessage) -> None:
    """Render, keep and attach the order of a released tranche; a tranche that has its order is left alone.

    The outbox commits file row and state together with "done", so that a killed worker leaves neither or both.
    """
    tranche = lock(Tranche(pk=message.payload["tranche"]))
    if tranche.state != TrancheState.RELEASED:
        return
    content, name = payment_order.render_order(payment_order.order_of(tranche))
    file = store_bytes(content, name=name, kind=FileKind.GENERATED_PDF, by=None)
    tranches.attach_order(tranche, file)


@shared_task(name="monitoring.report_reminders", ignore_result=True)
def report_reminders() -> int:
    """Mail who has a report to hand in: when the year is over, two weeks before the due date, and the day after it."""
    return reminders.send(on=clock.today(), before=REMIND_BEFORE, write_date=plain_date)
