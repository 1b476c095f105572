"""How long somebody stays signed in, and when a session's id changes.

The id changes at sign-in (Django does that) and when the person's roles change, so that an id that
was seen before is worth nothing after. A session ends after a time without a request, and in any case
some days after signing in. Ending all of a person's sessions is one number in the account.
"""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import SESSION_KEY, get_user_model, logout
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

SIGNED_IN, SEEN, ROLES = "signed_in_at", "seen_at", "roles"
# A write per request would make every reader a writer.
NOTED_EVERY = 300


def role_mark(user) -> str:
    """Changes when what somebody may do changes. Costs nothing for a person of this request."""
    from courses.enrolment.rules import group_names

    from .scope import administers

    held = sorted(group_names(user))
    return "|".join([*held, "agency" * administers(user), "root" * user.is_superuser])


def begin(request, user) -> None:
    """Called at sign-in: note when, and with which roles."""
    from .backends import AuthenticationBackend

    now = int(timezone.now().timestamp())
    request.session[SIGNED_IN] = request.session[SEEN] = now
    fresh = AuthenticationBackend().get_user(user.pk)
    if fresh is not None:
        request.session[ROLES] = role_mark(fresh)


def end_all(user) -> None:
    """End every session of a person, on every device, at once."""
    get_user_model().objects.filter(pk=user.pk).update(session_epoch=F("session_epoch") + 1)


class Sessions:
    """Ends sessions that are over; gives a new id when roles have changed."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if settings.SESSION_COOKIE_NAME in request.COOKIES and SESSION_KEY in request.session:
            self.look_after(request)
        return self.get_response(request)

    def look_after(self, request) -> None:
        session, user = request.session, request.user
        if not user.is_authenticated:
            return
        now = int(timezone.now().timestamp())
        began, seen = session.get(SIGNED_IN), session.get(SEEN)
        if began is None or seen is None:  # signed in before there were limits
            session[SIGNED_IN], session[SEEN] = began or now, seen or now
            began = seen = now
        idle = now - seen > settings.LMS_SESSION_IDLE_MINUTES * 60
        if idle or now - began > settings.LMS_SESSION_DAYS * 86400:
            logout(request)
            messages.info(
                request,
                _("You were signed out after a long time. Sign in again: your drafts are kept."),
            )
            return
        mark = role_mark(user)
        if session.get(ROLES) != mark:
            session[ROLES] = mark
            session.cycle_key()
        if now - seen >= NOTED_EVERY:
            session[SEEN] = now
