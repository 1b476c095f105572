"""What the account, the memberships, searches and the authoring site know about a person."""

from datetime import timedelta

from allauth.account.models import EmailAddress
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from activities.core import privacy
from search import counting
from search.models import RecentSearch

from .models import Membership, PersonalExport


def register() -> None:
    for name, label, export, erase in (
        ("account", _("Account"), export_account, erase_account),
        ("agencies", _("Agencies"), export_memberships, erase_memberships),
        ("searches", _("Recent searches"), export_searches, counting.forget),
        ("authoring", _("Authoring"), export_authoring, erase_authoring),
    ):
        privacy.register(privacy.PersonalRecords(name, label, export, erase))


def export_account(user) -> dict:
    return {
        "email": user.email,
        "other_addresses": list(
            EmailAddress.objects.filter(user=user)
            .exclude(email__iexact=user.email)
            .values_list("email", flat=True)
        ),
        "first_name": user.first_name,
        "last_name": user.last_name,
        "first_name_en": user.first_name_en,
        "last_name_en": user.last_name_en,
        "language": user.preferred_language,
        "text_size": user.text_size,
        "colours": user.theme,
        "roles": sorted(user.groups.values_list("name", flat=True)),
        "joined_at": user.date_joined.isoformat(timespec="seconds"),
        "last_sign_in": user.last_login and user.last_login.isoformat(timespec="seconds"),
    }


def erase_account(user) -> None:
    """Everything that names the person or lets them in. The row stays: training records point to it."""
    EmailAddress.objects.filter(user=user).delete()
    PersonalExport.objects.filter(user=user).delete()
    user.groups.clear()
    user.user_permissions.clear()


def export_memberships(user) -> list[dict]:
    return [
        {
            "agency": row.agency.name,
            "position": row.position,
            "target_group": row.target_group,
            "role": row.role,
            "since": row.since.isoformat(),
            "until": row.until and row.until.isoformat(),
        }
        for row in Membership.objects.filter(user=user).select_related("agency")
    ]


def erase_memberships(user) -> None:
    """That the training was the agency's stays on its record; who it was goes."""
    today = timezone.localdate()
    mine = Membership.objects.filter(user=user)
    mine.filter(since__gte=today).delete()
    mine.filter(until__isnull=True).update(until=today - timedelta(days=1))
    mine.update(position="", target_group="", role=Membership.Role.MEMBER)


def export_searches(user) -> list[dict]:
    return [
        {"query": row.query, "at": row.searched_at.isoformat(timespec="seconds")}
        for row in RecentSearch.objects.filter(user=user).order_by("-searched_at")
    ]


def export_authoring(user) -> dict:
    """What the person did in the authoring site; the courses themselves are the site's."""
    from wagtail.models import ModelLogEntry, PageLogEntry

    found = {
        model._meta.model_name: [
            {"action": action, "what": label, "at": at.isoformat(timespec="seconds")}
            for action, label, at in model.objects.filter(user=user)
            .order_by("timestamp")
            .values_list("action", "label", "timestamp")[:20_000]
        ]
        for model in (PageLogEntry, ModelLogEntry)
    }
    return {name: rows for name, rows in found.items() if rows}


def erase_authoring(user) -> None:
    """Log lines about the account lose its name; profile picture, tokens and files not yet imported
    go. Pages stay: they are the site's."""
    from django.contrib.contenttypes.models import ContentType
    from wagtail.admin.models import EditingSession, FormState
    from wagtail.models import APIToken, ModelLogEntry, PageSubscription
    from wagtail.users.models import UserProfile

    from courses.authoring.models import CourseImport

    about = ModelLogEntry.objects.filter(
        content_type=ContentType.objects.get_for_model(user), object_id=str(user.pk)
    )
    about.update(label=privacy.ERASED_NAME, data={})
    for profile in UserProfile.objects.filter(user=user):
        if profile.avatar:
            profile.avatar.delete(save=False)
        profile.delete()
    for model in (EditingSession, FormState, APIToken, PageSubscription, CourseImport):
        model.objects.filter(user=user).delete()
