"""The notification centre: what somebody was told, and how they want to be told."""

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from activities.core import notices
from activities.core.models import NoticePreference, Notification

PER_PAGE = 25


@never_cache
@login_required
@require_GET
def centre(request):
    """What somebody was told, newest first."""
    page = Paginator(Notification.objects.filter(user=request.user), PER_PAGE).get_page(
        request.GET.get("page")
    )
    entries = [
        {
            "pk": row.pk,
            "text": text,
            "at": row.created_at,
            "unread": row.read_at is None,
            "url": row.url,
        }
        for row in page.object_list
        if (text := notices.sentence(row))
    ]
    return render(
        request,
        "people/notices.html",
        {"entries": entries, "page_obj": page, "unread": request.user.unread_notices},
    )


@never_cache
@login_required
@require_GET
def go(request, pk: int):
    """Follow a notification: it counts as read, and its page opens."""
    row = Notification.objects.filter(user=request.user, pk=pk).first()
    if row is None:
        raise Http404
    notices.mark_read(request.user, [row.pk])
    return redirect(notices.address(row) or "notices")


@login_required
@require_POST
def read_all(request):
    notices.mark_read(request.user)
    messages.success(request, _("All notifications are marked as read."))
    return redirect("notices")


class PreferenceForm(forms.Form):
    """How to be told by e-mail, and about what."""

    email = forms.ChoiceField(
        label=gettext_lazy("E-mail about news"),
        choices=NoticePreference.Email.choices,
        widget=forms.RadioSelect,
        help_text=gettext_lazy(
            "Nothing is mailed from 20.00 to 7.00 or on public holidays, except what cannot wait."
        ),
    )
    wanted = forms.MultipleChoiceField(
        label=gettext_lazy("By e-mail about"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("All of them are shown in the site in any case."),
    )

    def __init__(self, *args, preference: NoticePreference, **kwargs):
        choices = [(n.name, n.label) for n in notices.known() if not n.urgent]
        muted = set(preference.muted)
        kwargs["initial"] = {
            "email": preference.email,
            "wanted": [name for name, _label in choices if name not in muted],
        }
        super().__init__(*args, **kwargs)
        self.preference = preference
        self.fields["wanted"].choices = choices

    def save(self) -> NoticePreference:
        wanted = set(self.cleaned_data["wanted"])
        offered = [name for name, _label in self.fields["wanted"].choices]
        self.preference.email = self.cleaned_data["email"]
        self.preference.muted = [name for name in offered if name not in wanted]
        self.preference.save()
        return self.preference


@login_required
def preferences(request):
    preference = NoticePreference.objects.filter(user=request.user).first() or NoticePreference(
        user=request.user
    )
    form = PreferenceForm(request.POST or None, preference=preference)
    status = 200
    if request.method == "POST":
        if form.is_valid():
            form.save()
            messages.success(request, _("Your choice has been saved."))
            return redirect("notice_preferences")
        status = 422
    return render(request, "people/notice_preferences.html", {"form": form}, status=status)
