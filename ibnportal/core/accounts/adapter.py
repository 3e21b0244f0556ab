"""Where django-allauth meets the portal: its mail leaves through the outbox."""

from typing import Any, ClassVar
from uuid import uuid4

from allauth.account.adapter import DefaultAccountAdapter

from ibnportal.core.outbox.mail import send_later


class AccountAdapter(DefaultAccountAdapter):
    """Mail by the outbox, so that a slow mail server neither holds up a page nor tells who has an account."""

    # As polite as the rest of the portal, which allauth's own Dutch is not.
    error_messages: ClassVar[dict[str, Any]] = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": "Dit e-mailadres en dit wachtwoord horen niet bij elkaar. Probeer het opnieuw, of vraag een nieuw wachtwoord.",
        "enter_current_password": "Vul uw huidige wachtwoord in.",
    }

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Render allauth's own template, then send it as any other mail."""
        message = self.render_mail(template_prefix, email, {"request": self.request, "email": email, **context})
        send_later(
            key=f"{template_prefix}:{uuid4()}",
            to=email,
            template="account",
            subject=message.subject,
            context={"subject": message.subject, "body": message.body},
        )

    def format_email_subject(self, subject: str) -> str:
        """No site name in front."""
        return subject
