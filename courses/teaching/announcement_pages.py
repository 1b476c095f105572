"""Pages on which an instructor writes the announcements of a run."""

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from activities.core.date_input import MomentField, written
from courses.enrolment.teach import outline_or_404, run_facts, the_run

from . import announcements
from .models import Announcement

PAGE_SIZE = 25


class AnnouncementForm(forms.ModelForm):
    shown_from = MomentField(
        required=False,
        label=gettext_lazy("Shown from"),
        help_text=gettext_lazy("Leave empty to show it at once."),
    )
    shown_until = MomentField(
        required=False,
        label=gettext_lazy("Shown until"),
        help_text=gettext_lazy("Leave empty to show it for good."),
    )

    class Meta:
        model = Announcement
        fields = [
            "title", "body", "title_en", "body_en", "shown_from", "shown_until", "pinned", "tell",
        ]  # fmt: skip
        widgets = {
            "body": forms.Textarea(attrs={"rows": 5}),
            "body_en": forms.Textarea(attrs={"rows": 5}),
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        language = (get_language() or "th")[:2]
        if self.instance.pk:
            for name in ("shown_from", "shown_until"):
                self.initial[name] = written(getattr(self.instance, name), language)
        else:
            self.initial["shown_from"] = ""

    def clean(self):
        cleaned = super().clean()
        begins = cleaned.get("shown_from") or self.instance.shown_from or timezone.now()
        cleaned["shown_from"] = begins
        ends = cleaned.get("shown_until")
        if ends is not None and ends <= begins:
            self.add_error(
                "shown_until", _("The end must be after the beginning. Choose a later moment.")
            )
        if bool(cleaned.get("title_en")) != bool(cleaned.get("body_en")):
            self.add_error(
                "body_en" if cleaned.get("title_en") else "title_en",
                _("Write both heading and text in English, or neither."),
            )
        return cleaned


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def listed(request, pk: int, announcement: int | None = None):
    """All announcements of the run, and the form for a new one or one of them."""
    run = the_run(request, pk)
    outline = outline_or_404(run)
    row = (
        get_object_or_404(Announcement, pk=announcement, run=run)
        if announcement is not None
        else Announcement(run=run)
    )
    if request.method == "POST" and request.POST.get("action") == "delete" and row.pk:
        announcements.remove(row, request.user)
        messages.success(request, _("The announcement is gone."))
        return redirect("teach_announcements", run.pk)
    form = AnnouncementForm(request.POST if request.method == "POST" else None, instance=row)
    status = 200
    if request.method == "POST":
        if form.is_valid():
            announcements.save(form.save(commit=False), request.user)
            messages.success(request, _("The announcement is saved."))
            return redirect("teach_announcements", run.pk)
        status = 422
    language, now = (get_language() or "th")[:2], timezone.now()
    page_obj = Paginator(Announcement.objects.filter(run=run), PAGE_SIZE).get_page(
        request.GET.get("page")
    )
    context = {
        "run": run_facts(run, outline, language),
        "form": form,
        "editing": announcement,
        "told": row.told_at,
        "entries": [
            {
                "pk": entry.pk,
                "title": entry.in_language(language)[0],
                "pinned": entry.pinned,
                "from": entry.shown_from,
                "until": entry.shown_until,
                "told": entry.told_at,
                "state": state_of(entry, now),
            }
            for entry in page_obj
        ],
        "page_obj": page_obj,
    }
    return render(request, "teach/announcements.html", context, status=status)


def state_of(entry: Announcement, now) -> str:
    if now < entry.shown_from:
        return _("to come")
    if entry.shown_until is not None and now >= entry.shown_until:
        return _("over")
    return _("shown")
