"""Messages to people, in the language of each."""

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils import translation


def send(user, subject: str, template: str, context: dict) -> None:
    """Send `email/<template>.txt` and `.html` to somebody. `subject` is a msgid."""
    with translation.override(user.preferred_language):
        context = {
            "user": user,
            "site_url": settings.SITE_URL,
            "help_phone": settings.LMS_HELP_PHONE,
            **context,
        }
        message = EmailMultiAlternatives(
            subject=translation.gettext(subject) % context,
            body=render_to_string(f"email/{template}.txt", context),
            to=[user.email],
        )
        message.attach_alternative(render_to_string(f"email/{template}.html", context), "text/html")
        message.send()
