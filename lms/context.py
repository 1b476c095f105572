"""What every page shows besides its own content."""

from django.conf import settings
from django.urls import reverse
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _

from courses.enrolment.kept import writer_of
from lms.people import roles
from lms.people.models import TextSize, Theme

from .views import words_in


def site(request) -> dict:
    """Names, preferences, languages and the menu. Costs one query (groups) for a signed-in person."""
    return {
        "site_name": _("Sala"),
        "prefs": preferences(request),
        "languages_menu": languages(request),
        "help_phone": settings.LMS_HELP_PHONE,
        "nav": menu(request),
        "words_url": reverse("words", args=[words_in(get_language())[1]]),
        "writer": writer_of(request.user) if hasattr(request, "user") else "",
        "user_can_teach": may(request, roles.is_instructor),
        "user_can_author": may(request, roles.is_instructor),
    }


def may(request, predicate) -> bool:
    user = getattr(request, "user", None)
    return user is not None and predicate(user)


def preferences(request) -> dict:
    """Cookies first (they change at once), then the profile, then the defaults."""
    size, theme = request.COOKIES.get("sala_size"), request.COOKIES.get("sala_theme")
    user = getattr(request, "user", None)
    if user is not None and user.is_authenticated:
        size, theme = size or user.text_size, theme or user.theme
    return {
        "size": size if size in TextSize.values else TextSize.NORMAL.value,
        "theme": theme if theme in Theme.values else Theme.AUTO.value,
    }


def languages(request) -> list[dict]:
    """The same page in each language: addresses differ in their prefix only."""
    current = (get_language() or "th")[:2]
    path = request.get_full_path()
    entries = []
    for code, _name in settings.LANGUAGES:
        prefix = f"/{current}/"
        url = f"/{code}/{path[len(prefix) :]}" if path.startswith(prefix) else f"/{code}/"
        with override(code):
            name = {"th": "ไทย", "en": "English"}.get(code, code)
        entries.append({"code": code, "name": name, "url": url, "current": code == current})
    return entries


def menu(request) -> list[dict]:
    language = (get_language() or "th")[:2]
    catalogue = reverse("catalogue")
    entries = [(_("Find a course"), catalogue, request.path.startswith(catalogue))]
    user = getattr(request, "user", None)
    if user is not None and user.is_authenticated:
        mine = reverse("dashboard")
        learning = request.path == mine or request.path.startswith(f"/{language}/learn/")
        entries.append((_("My learning"), mine, learning))
        if roles.is_instructor(user):
            teach = reverse("teach_runs")
            entries.append((_("Teaching"), teach, request.path.startswith(teach)))
        if roles.is_agency_administrator(user):
            agency = reverse("agency_people")
            here = request.path.startswith(f"/{language}/agency/")
            entries.append((_("My agency"), agency, here))
    return [{"label": label, "url": url, "current": current} for label, url, current in entries]
