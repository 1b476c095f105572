"""Telling people: in the site always, by e-mail as each person wishes.

    notices.register(Notice("reply", _("Replies to you"), _("%(who)s replied to you in “%(item)s”.")))
    notices.notify(user, "reply", key=f"reply-{post.pk}", params={"who": …}, url=…)

A sentence never holds anything confidential: it may be read on a locked telephone.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.db import transaction
from django.db.models import Count
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _

from .models import Notification
from .signals import notified

# What a kind is about, in the order in which people choose among the kinds.
SUBJECTS = {
    "courses": _("My courses and my place in them"),
    "discussions": _("Discussions"),
    "workshops": _("Workshops and reviews"),
    "grades": _("Grades and certificates"),
    "messages": _("Messages and announcements"),
    "other": _("Other things"),
    "teaching": _("Courses that I teach or write"),
}


@dataclass(frozen=True)
class Notice:
    """A kind of notification.

    `label` names it where people choose what they want; `text` is a translatable sentence with
    %(name)s parameters. `urgent` is mailed at once, whatever the hour: what cannot wait.
    `subject` is a key of `SUBJECTS`; what is about "teaching" is not offered to learners.
    """

    name: str
    label: Any
    text: Any
    urgent: bool = False
    subject: str = "other"


_notices: dict[str, Notice] = {}


def register(*notices: Notice) -> None:
    """Make kinds of notification known. The same name twice is an error."""
    for notice in notices:
        if _notices.setdefault(notice.name, notice) != notice:
            raise ValueError(f"There is a notice {notice.name!r} already.")


def known() -> list[Notice]:
    """Every registered kind, in the order of registration."""
    return list(_notices.values())


def choices(kinds: Iterable[Notice]) -> list[tuple[Any, list[tuple[str, Any]]]]:
    """Kinds as the choices of a form, grouped by subject: [(subject, [(name, label)])]."""
    kinds = list(kinds)
    grouped = (
        (label, [(kind.name, kind.label) for kind in kinds if kind.subject == subject])
        for subject, label in SUBJECTS.items()
    )
    return [(label, rows) for label, rows in grouped if rows]


def get(name: str) -> Notice | None:
    """The kind of that name; None when its plugin is gone."""
    return _notices.get(name)


def notify(
    people,
    kind: str,
    *,
    key: str,
    params: dict | None = None,
    url: str = "",
    mailed: bool = False,
) -> list[Notification]:
    """Tell a person, or several, once per `key`; returns what is new.

    `people` is a user, a user's id or an iterable of these; None is nobody. `params` are texts or
    {language: text}. `url` is a path of this site, in any language: the reader's is put in its place.
    `mailed` says that a message of its own goes out, so that this one is for the site only.
    Raises KeyError for a kind that is not registered.
    """
    notice = _notices[kind]
    users = sorted(ids(people))
    known_keys = set(
        Notification.objects.filter(user__in=users, key=key).values_list("user", flat=True)
    )
    fresh = [user for user in users if user not in known_keys]
    if not fresh:
        return []
    rows = [
        Notification(
            user_id=user,
            kind=kind,
            key=key,
            params=params or {},
            url=url,
            mailed_at=timezone.now() if mailed else None,
        )
        for user in fresh
    ]
    # Two requests may tell of the same thing at the same time: the database keeps one.
    Notification.objects.bulk_create(rows, ignore_conflicts=True)
    made = list(Notification.objects.filter(user__in=fresh, key=key))
    notified.send(sender=Notification, users=fresh)
    if notice.urgent and not mailed:
        from .tasks import mail_notice

        for row in made:
            transaction.on_commit(partial(mail_notice.delay, row.pk))
    return made


def of_item(participation, step: str = "") -> dict:
    """The item's title in its languages and where it is: `params` and `url` of a notification."""
    version = participation.version
    url = reverse("item_by_key", args=[participation.item])
    return {
        "params": {"item": {code: version.title(code) for code in version.languages}},
        "url": f"{url}?{urlencode({'step': step})}" if step else url,
    }


def ids(people) -> set[int]:
    if people is None:
        return set()
    if isinstance(people, int):
        return {people}
    if isinstance(people, Iterable):
        return {person if isinstance(person, int) else person.pk for person in people}
    return {people.pk}


def sentence(notification: Notification, language: str | None = None) -> str:
    """What a notification says, in the given (or current) language."""
    language = (language or translation.get_language() or "th")[:2]
    notice = get(notification.kind)
    if notice is None:
        return ""
    params = {
        name: (value.get(language) or next(iter(value.values()), ""))
        if isinstance(value, dict)
        else value
        for name, value in notification.params.items()
    }
    with translation.override(language):
        return str(notice.text) % params


def address(notification: Notification, language: str | None = None) -> str:
    """Where a notification leads, in the reader's language; "" when nowhere."""
    language = (language or translation.get_language() or "th")[:2]
    for code, _name in settings.LANGUAGES:
        prefix = f"/{code}/"
        if notification.url.startswith(prefix):
            return f"/{language}/{notification.url[len(prefix) :]}"
    return notification.url


def mark_read(user, pks: list[int] | None = None) -> int:
    """Note that somebody has seen all notifications, or those; returns how many were unread."""
    rows = Notification.objects.filter(user=user, read_at__isnull=True)
    if pks is not None:
        rows = rows.filter(pk__in=pks)
    count = rows.update(read_at=timezone.now())
    if count:
        notified.send(sender=Notification, users=[user.pk])
    return count


def unread(users: list[int]) -> dict[int, int]:
    """How many unread notifications each of these people has."""
    counts = dict.fromkeys(users, 0)
    rows = Notification.objects.filter(user__in=users, read_at__isnull=True)
    counts.update(
        rows.values_list("user").annotate(n=Count("pk")).order_by().values_list("user", "n")
    )
    return counts
