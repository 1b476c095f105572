"""What an operator should hear before the site starts."""

from django.conf import settings
from django.core.checks import Error, Tags, Warning, register


@register()
def active_share(app_configs, **kwargs):
    """The 40 % of the guideline may be raised by a site, never lowered."""
    percent = settings.LMS_ACTIVE_SHARE_PERCENT
    if not 40 <= percent <= 100:
        return [
            Error(
                f"LMS_ACTIVE_SHARE_PERCENT is {percent}: the guideline asks for at least 40.",
                hint="Remove the variable or set it to 40 or more.",
                id="sala.E001",
            )
        ]
    return []


@register(Tags.security, deploy=True)
def secret_key(app_configs, **kwargs):
    if not settings.SECRET_KEY:
        return [
            Error(
                "LMS_SECRET_KEY is empty.", hint="Set it to 50 random characters.", id="sala.E002"
            )
        ]
    return []


@register()
def front_end_assets(app_configs, **kwargs):
    """Without `npm ci` the pages have no Thai typeface of their own."""
    from pathlib import Path

    missing = [path for _prefix, path in settings.STATICFILES_DIRS if not Path(path).is_dir()]
    if missing:
        return [
            Warning(
                "Front-end assets are not installed: the site falls back to the device's typefaces.",
                hint="Run `npm ci` (or `make demo`, which does).",
                id="sala.W001",
            )
        ]
    return []


@register(Tags.database)
def sums_of_agencies(app_configs, databases=None, **kwargs):
    """With --database: whether what agencies' reports count is there, new, and was right."""
    from datetime import timedelta

    from django.db import DatabaseError
    from django.utils import timezone

    from lms.people import sums
    from lms.people.models import Membership

    if not databases:
        return []
    try:
        standing, now = sums.standing(), timezone.now()
        if not standing.filled and not Membership.objects.exists():
            return []
    except DatabaseError:  # not migrated yet
        return []
    if not standing.filled:
        return [
            Warning(
                "The sums of agencies' reports are not filled: each report counts all its people.",
                hint="Run `manage.py count_learning` once.",
                id="sala.W020",
            )
        ]
    found = []
    if now - standing.as_of > timedelta(minutes=15):
        found.append(
            Warning(
                f"The sums of agencies' reports are those of {standing.as_of:%Y-%m-%d %H:%M} UTC.",
                hint="See that a worker and the scheduler run, or run `manage.py count_learning`.",
                id="sala.W021",
            )
        )
    if now - standing.checked_at > timedelta(days=2):
        found.append(
            Warning(
                "The sums of agencies' reports were not checked for two days.",
                hint="Let the scheduler run, or `manage.py count_learning` every night.",
                id="sala.W022",
            )
        )
    if standing.repaired:
        found.append(
            Warning(
                f"The last check found {standing.repaired} sums of agencies' reports wrong and set "
                "them right.",
                hint="Was the database changed by SQL? If not, tell the makers of Sala.",
                id="sala.W023",
            )
        )
    return found
