"""What somebody does with their own data: a copy of it, erasing it, signing out everywhere."""

from django import forms
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from activities.core.errors import Refused
from courses.enrolment.models import Enrolment

from . import copies, sessions
from .erase import erase
from .models import PersonalExport


class EraseForm(forms.Form):
    """The password, so that a screen left open erases nobody; and a tick, so that no slip does."""

    password = forms.CharField(
        label=gettext_lazy("Your password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    understood = forms.BooleanField(
        label=gettext_lazy("I know that this cannot be undone."),
        error_messages={
            "required": gettext_lazy("Tick this box if you want to erase your account.")
        },
    )

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, **kwargs)
        self.user = user

    def clean_password(self):
        password = self.cleaned_data["password"]
        if not self.user.check_password(password):
            raise forms.ValidationError(_("This is not your password. Nothing was erased."))
        return password


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def own_data(request):
    """What is kept, how to have a copy, how to erase it."""
    status, error = 200, None
    if request.method == "POST":
        try:
            copies.ask(request.user)
        except Refused as refusal:
            error, status = refusal, refusal.status
        else:
            messages.success(
                request, _("Your copy is being made. You will be told when it is ready.")
            )
            return redirect("own_data")
    wanted = (
        PersonalExport.objects.filter(user=request.user, expires_at__gt=timezone.now())
        .defer("content")
        .first()
    )
    return render(request, "people/own_data.html", {"copy": wanted, "error": error}, status=status)


@never_cache
@login_required
@require_GET
def own_copy(request, key):
    """The zip, for the person it is about, until it expires."""
    wanted = get_object_or_404(PersonalExport, pk=key, user=request.user)
    if wanted.state != PersonalExport.State.READY or wanted.expires_at <= timezone.now():
        messages.error(request, _("This copy is no longer there. Ask for a new one."))
        response = render(request, "people/own_data.html", {"copy": None}, status=410)
        return response
    response = HttpResponse(bytes(wanted.content), content_type="application/zip")
    day = timezone.localtime(wanted.created_at).date().isoformat()
    response["Content-Disposition"] = f'attachment; filename="sala-{day}.zip"'
    return response


@never_cache
@sensitive_post_parameters("password")
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def account_erase(request):
    """Erase one's account, with the password."""
    form = EraseForm(request.POST or None, user=request.user)
    status, error = 200, None
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                erase(request.user)
            except Refused as refusal:
                error, status = refusal, refusal.status
            else:
                logout(request)
                messages.success(
                    request, _("Your account has been erased. Thank you for learning here.")
                )
                return redirect("account_login")
    mine = Enrolment.objects.filter(user=request.user)
    context = {
        "form": form,
        "error": error,
        "records": mine.count(),
        "completed": mine.filter(completed_at__isnull=False).count(),
    }
    return render(request, "people/erase.html", context, status=status)


@login_required
@require_POST
@transaction.atomic
def sign_out_everywhere(request):
    """End every session of this person, this one too."""
    sessions.end_all(request.user)
    logout(request)
    messages.success(request, _("You are signed out on every device."))
    return redirect("account_login")
