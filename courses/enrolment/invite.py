"""Accounts for people whom an instructor enrols by their address."""

from allauth.account.forms import default_token_generator
from allauth.account.models import EmailAddress
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.urls import reverse
from django.utils import translation
from django.utils.crypto import get_random_string
from django.utils.translation import gettext_noop

from activities.core.mailing import send
from courses.releases.delivery import in_language, state_of

from .models import Enrolment

SUBJECT = gettext_noop("You are invited: %(course_title)s")


def make_accounts(rows: list[dict]) -> list:
    """Accounts without a password for [{email, first_name, last_name}]: only who reads the mail gets in.

    That is why the address counts as confirmed.
    """
    model = get_user_model()
    users = model.objects.bulk_create(
        model(password=UNUSABLE_PASSWORD_PREFIX + get_random_string(40), **row) for row in rows
    )
    EmailAddress.objects.bulk_create(
        EmailAddress(user=user, email=user.email, verified=True, primary=True) for user in users
    )
    return users


def password_address(user, language: str) -> str:
    """Where a person without a password sets one; valid as long as a link for a forgotten one."""
    key = f"{user_pk_to_url_str(user)}-{default_token_generator.make_token(user)}"
    with translation.override(language):
        path = reverse(
            "account_reset_password_from_key",
            kwargs=dict(zip(("uidb36", "key"), key.split("-", 1), strict=True)),
        )
    return settings.SITE_URL + path


def send_invitation(enrolment_id: int) -> None:
    """Tell somebody who has just got an account what it is for and how to set a password."""
    enrolment = Enrolment.objects.select_related("user", "run").filter(pk=enrolment_id).first()
    state = enrolment and state_of(enrolment.run.course)
    if not state:
        return
    user = enrolment.user
    language = user.preferred_language
    with translation.override(language):
        course_url = settings.SITE_URL + reverse("course_resume", args=[state.slug])
        forgotten_url = settings.SITE_URL + reverse("account_reset_password")
    send(
        user,
        SUBJECT,
        "invitation",
        {
            "course_title": in_language(state.current.outline["titles"], language),
            "run_name": enrolment.run.title(language),
            "starts_at": enrolment.run.starts_at,
            "url": password_address(user, language),
            "course_url": course_url,
            "forgotten_url": forgotten_url,
            "days": settings.PASSWORD_RESET_TIMEOUT // 86400,
        },
    )
