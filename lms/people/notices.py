"""The notification centre: what somebody was told, and how they want to be told."""

from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from activities.core import notices
from activities.core.date_input import MomentField, written
from activities.core.models import NoticePreference, Notification
from activities.core.personal import arabic_digits

from .roles import is_instructor

PER_PAGE = 25


@never_cache
@login_required
@require_GET
def centre(request):
    """What somebody was told, newest first: everything, what is new, or one kind of news."""
    rows = Notification.objects.filter(user=request.user)
    only_new = request.GET.get("show") == "new"
    kind = request.GET.get("kind", "")
    kind = kind if notices.get(kind) is not None else ""
    if only_new:
        rows = rows.filter(read_at__isnull=True)
    if kind:
        rows = rows.filter(kind=kind)
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
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
        {
            "entries": entries,
            "page_obj": page,
            "unread": request.user.unread_notices,
            "tabs": tabs(only_new, kind),
            "only_new": only_new,
            "kind": kind,
            "kinds": notices.choices(kinds_for(request.user)),
            "filtered": only_new or bool(kind),
        },
    )


def kinds_for(user) -> list[notices.Notice]:
    """The kinds that can come to somebody: what is about teaching is for those who teach or write."""
    teaches = is_instructor(user)
    return [kind for kind in notices.known() if teaches or kind.subject != "teaching"]


def tabs(only_new: bool, kind: str) -> list[dict]:
    """Everything or what is new, keeping the kind that was chosen."""
    found = []
    for new, label in ((False, _("All")), (True, _("New ones"))):
        query = {"show": "new"} if new else {}
        query |= {"kind": kind} if kind else {}
        url = reverse("notices")
        found.append(
            {
                "label": label,
                "url": f"{url}?{urlencode(query)}" if query else url,
                "current": new == only_new,
            }
        )
    return found


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


class TimeOfDay(forms.TimeField):
    """A time as people write it: 20.00, 20:00 or ๒๐.๐๐ น."""

    widget = forms.TextInput

    def __init__(self, **kwargs):
        super().__init__(
            input_formats=["%H:%M", "%H.%M", "%H"],
            error_messages={"invalid": gettext_lazy("Write a time of day, for example 20.00.")},
            **kwargs,
        )

    def to_python(self, value):
        text = arabic_digits(str(value or "")).replace("น.", "").strip()
        return super().to_python("0.00" if text in ("24.00", "24:00") else text)


class PreferenceForm(forms.Form):
    """How to be told by e-mail, and about what."""

    email = forms.ChoiceField(
        label=gettext_lazy("E-mail about news"),
        choices=NoticePreference.Email.choices,
        widget=forms.RadioSelect,
        help_text=gettext_lazy(
            "Nothing is mailed in your hours of rest or on public holidays, except what cannot wait."
        ),
    )
    quiet_from = TimeOfDay(
        label=gettext_lazy("Hours of rest: from"),
        required=False,
        help_text=gettext_lazy(
            "For example 20.00. Write the same time twice if you want no hours of rest."
        ),
    )
    quiet_until = TimeOfDay(
        label=gettext_lazy("Hours of rest: until"),
        required=False,
        help_text=gettext_lazy("For example 7.00."),
    )
    paused_until = MomentField(
        label=gettext_lazy("Pause e-mail until"),
        required=False,
        help_text=gettext_lazy(
            "For example 22/11/2569: while you are on leave. What is new waits in the site."
        ),
    )
    wanted = forms.MultipleChoiceField(
        label=gettext_lazy("By e-mail about"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("All of them are shown in the site in any case."),
    )

    def __init__(self, *args, preference: NoticePreference, **kwargs):
        offered = [n for n in kinds_for(preference.user) if not n.urgent]
        muted = set(preference.muted)
        kwargs["initial"] = {
            "email": preference.email,
            "wanted": [n.name for n in offered if n.name not in muted],
            "quiet_from": preference.quiet_from.strftime("%H.%M"),
            "quiet_until": preference.quiet_until.strftime("%H.%M"),
            "paused_until": written(preference.paused_until, (get_language() or "th")[:2]),
        }
        super().__init__(*args, **kwargs)
        self.preference = preference
        self.offered = {n.name for n in offered}
        self.fields["wanted"].choices = notices.choices(offered)

    def save(self) -> NoticePreference:
        wanted = set(self.cleaned_data["wanted"])
        # What is not asked stays as it was: somebody may teach again one day.
        kept = set(self.preference.muted) - self.offered
        self.preference.email = self.cleaned_data["email"]
        for name in ("quiet_from", "quiet_until"):
            # A field left empty keeps the hours that there were.
            if self.cleaned_data[name] is not None:
                setattr(self.preference, name, self.cleaned_data[name])
        self.preference.paused_until = self.cleaned_data["paused_until"]
        self.preference.muted = sorted(kept | (self.offered - wanted))
        self.preference.save()
        return self.preference


@login_required
def preferences(request):
    preference = NoticePreference.objects.filter(user=request.user).first() or NoticePreference(
        user=request.user
    )
    preference.user = request.user
    form = PreferenceForm(request.POST or None, preference=preference)
    status = 200
    if request.method == "POST":
        if form.is_valid():
            form.save()
            messages.success(request, _("Your choice has been saved."))
            return redirect("notice_preferences")
        status = 422
    return render(request, "people/notice_preferences.html", {"form": form}, status=status)
