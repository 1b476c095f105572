"""E-mail about notifications: at once, or together in the morning; never at night unless urgent."""

import logging
from datetime import datetime, time
from hashlib import sha256
from urllib.parse import urlsplit

import holidays
from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.translation import ngettext

from . import notices
from .errands import current_key
from .models import NoticePreference, Notification

logger = logging.getLogger("sala.mail")

QUIET_FROM = time(20)
QUIET_UNTIL = time(7)
MOST_IN_A_DIGEST = 30


def send(user, subject: str, template: str, context: dict, *, ident: str = "") -> None:
    """Send `email/<template>.txt` and `.html` to somebody, in their language. `subject` is a msgid.

    `ident` says what the message is: sent once more after a crash it has the same Message-ID. Within
    an errand it is the errand.
    """
    ident = ident or current_key()
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
            headers={"Message-ID": message_id(ident)} if ident else None,
        )
        message.attach_alternative(render_to_string(f"email/{template}.html", context), "text/html")
        message.send()


def message_id(ident: str) -> str:
    return f"<{ident}@{urlsplit(settings.SITE_URL).hostname or 'sala'}>"


def quiet(now: datetime, preference: NoticePreference | None = None) -> bool:
    """Whether somebody should be left in peace: in their hours of rest (from 20.00 to 7.00 unless
    they chose others), while they have paused, and on Thai public holidays."""
    local = timezone.localtime(now)
    start = preference.quiet_from if preference else QUIET_FROM
    end = preference.quiet_until if preference else QUIET_UNTIL
    if preference and preference.paused_until and now < preference.paused_until:
        return True
    if resting(local.time(), start, end):
        return True
    return local.date() in holidays.country_holidays("TH", years=local.year)


def resting(at: time, start: time, end: time) -> bool:
    """Whether a time of day lies in [start, end), which may go over midnight; equal: never."""
    if start <= end:
        return start <= at < end
    return at >= start or at < end


def mail_now(pk: int) -> bool:
    """Mail one notification, if it has neither been read nor mailed. Returns whether it was."""
    with transaction.atomic():
        row = (
            Notification.objects.select_for_update(of=("self",))
            .select_related("user")
            .filter(pk=pk, read_at__isnull=True, mailed_at__isnull=True)
            .first()
        )
        if row is None:
            return False
        mail(row.user, [row])
        return True


def send_waiting(now: datetime | None = None) -> int:
    """Mail what waits to be mailed at this hour, one message a person; returns how many messages.

    Outside quiet hours people who want each notification get what is new; people who want one
    message a day get it if they had none today. What was read in the site is not mailed.
    """
    now = now or timezone.now()
    waiting = Notification.objects.filter(read_at__isnull=True, mailed_at__isnull=True)
    sent = 0
    for user_id in list(waiting.order_by().values_list("user", flat=True).distinct()):
        try:
            sent += mail_person(user_id, now)
        except OSError:  # the mail server; what was not sent stays to be sent
            logger.exception("Could not mail person %s", user_id)
    return sent


def mail_person(user_id: int, now: datetime) -> bool:
    preference = NoticePreference.objects.filter(user=user_id).first()
    wish = preference.email if preference else NoticePreference.Email.DAILY
    muted = set(preference.muted) if preference else set()
    with transaction.atomic():
        rows = list(
            Notification.objects.select_for_update(of=("self",))
            .select_related("user")
            .filter(
                user=user_id, read_at__isnull=True, mailed_at__isnull=True, user__is_active=True
            )
            .order_by("created_at")
        )
        urgent = [row for row in rows if is_urgent(row)]
        wanted = [row for row in rows if not is_urgent(row) and row.kind not in muted]
        if (
            quiet(now, preference)
            or wish == NoticePreference.Email.NEVER
            or not may_today(user_id, wish, now)
        ):
            wanted = []
        if not urgent and not wanted:
            return False
        mail(rows[0].user, urgent + wanted, now)
        return True


def is_urgent(row: Notification) -> bool:
    notice = notices.get(row.kind)
    return notice is not None and notice.urgent


def may_today(user_id: int, wish: str, now: datetime) -> bool:
    """Whether a person who wants one message a day has had none today."""
    if wish != NoticePreference.Email.DAILY:
        return True
    midnight = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    last = (
        Notification.objects.filter(user=user_id, mailed_at__gte=midnight)
        .exclude(kind__in=[notice.name for notice in notices.known() if notice.urgent])
        .exists()
    )
    return not last


def mail(user, rows: list[Notification], now: datetime | None = None) -> None:
    """One message with these notifications; the rows are marked in the caller's transaction."""
    language = user.preferred_language
    entries = [
        {
            "text": notices.sentence(row, language),
            "url": settings.SITE_URL + notices.address(row, language) if row.url else "",
            "at": row.created_at,
        }
        for row in rows
        if notices.get(row.kind) is not None
    ]
    Notification.objects.filter(pk__in=[row.pk for row in rows]).update(
        mailed_at=now or timezone.now()
    )
    if not entries:
        return
    with translation.override(language):
        subject = (
            entries[0]["text"]
            if len(entries) == 1
            else ngettext("%(count)d thing is new", "%(count)d things are new", len(entries))
            % {"count": len(entries)}
        )
    send(
        user,
        subject.replace("%", "%%"),
        "notices",
        {
            "entries": entries[:MOST_IN_A_DIGEST],
            "more": max(0, len(entries) - MOST_IN_A_DIGEST),
            "heading": subject,
        },
        ident=ident_of(rows),
    )


def ident_of(rows: list[Notification]) -> str:
    """The same rows are the same message."""
    pks = ",".join(str(row.pk) for row in rows)
    return f"notices.{sha256(pks.encode()).hexdigest()[:32]}"
