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
