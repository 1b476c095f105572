"""Profile, and how the site looks for somebody (also without an account)."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from activities.core.errors import Refused
from courses.enrolment.places import lock_person

from .forms import ProfileForm
from .models import TextSize, Theme
from .places import memberships_of

ONE_YEAR = 365 * 24 * 3600


def safe_next(request, fallback: str) -> str:
    """The page to go back to, if it is one of ours; anything else would be an open redirect."""
    target = request.POST.get("next") or request.GET.get("next") or ""
    if url_has_allowed_host_and_scheme(
        target, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    ):
        return target
    return fallback


@require_POST
def preferences(request):
    """Text size and colours, kept in cookies and, for people with an account, in the profile."""
    response = redirect(safe_next(request, "/"))
    changed = []
    for name, choices, field in (("size", TextSize, "text_size"), ("theme", Theme, "theme")):
        value = request.POST.get(name)
        if value not in choices.values:
            continue
        set_preference_cookie(response, name, value, secure=request.is_secure())
        if request.user.is_authenticated:
            setattr(request.user, field, value)
            changed.append(field)
    if changed:
        request.user.save(update_fields=changed)
    return response


def set_preference_cookie(response, name: str, value: str, *, secure: bool) -> None:
    response.set_cookie(f"sala_{name}", value, max_age=ONE_YEAR, samesite="Lax", secure=secure)


@login_required
def profile(request):
    form = ProfileForm(request.POST or None, instance=request.user)
    status = 200
    if request.method == "POST":
        if form.is_valid():
            try:
                with transaction.atomic():
                    lock_person(request.user)
                    user = form.save()
            except Refused:  # erased meanwhile: the session has ended with the account
                return redirect("account_login")
            messages.success(request, _("Your profile has been saved."))
            response = redirect(reverse("profile"))
            set_preference_cookie(response, "size", user.text_size, secure=request.is_secure())
            set_preference_cookie(response, "theme", user.theme, secure=request.is_secure())
            return response
        request.user.refresh_from_db()
        status = 422
    context = {"form": form, "memberships": memberships_of(request.user)}
    return render(request, "people/profile.html", context, status=status)
