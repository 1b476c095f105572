"""The dates of a cohort: one row per phase of each item, as the instructor of the run sets them."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.db import transaction
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from activities.core import pacing, registry
from activities.core.date_input import MomentField, written
from activities.core.models import PhaseDates
from activities.core.moments import moment
from courses.releases.delivery import in_language

from .models import CourseRun
from .teach import outline_or_404, run_facts, the_run

FIELDS = ("opens_at", "due_at", "closes_at")


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def dates(request, pk: int):
    """Show and set when each phase of each item opens, is due and closes for this run."""
    run = the_run(request, pk)
    outline = outline_or_404(run)
    language = (get_language() or "th")[:2]
    stored = {(str(row.item), row.phase): row for row in PhaseDates.objects.filter(cohort=run.key)}
    typed = request.POST if request.method == "POST" else None
    items = [
        {
            "title": in_language(entry["titles"], language),
            "icon": entry["icon"],
            "n": n,
            "phases": [
                phase_row(entry["key"], phase, stored, typed, language)
                for phase in phases_of(entry["kind"])
            ],
        }
        for n, entry in enumerate(outline["items"], start=1)
    ]
    status = 200
    if request.method == "POST" and run.pacing == CourseRun.Pacing.COHORT:
        check_order(items)
        if not any(row["errors"] for item in items for row in item["phases"]):
            save(run, items)
            messages.success(request, _("The dates are saved. Learners see them at once."))
            return redirect("teach_dates", run.pk)
        status = 422
    errors = [
        {"field_id": name, "label": f"{item['title']} · {row['label']}", "message": message}
        for item in items
        for row in item["phases"]
        for name, message in row["errors"].items()
    ]
    context = {
        "run": run_facts(run, outline, language),
        "is_cohort": run.pacing == CourseRun.Pacing.COHORT,
        "items": items,
        "errors": errors,
        "back_url": reverse("teach_run", args=[run.pk]),
    }
    return render(request, "teach/dates.html", context, status=status)


def phases_of(kind: str):
    try:
        return registry.get(kind).phases
    except registry.UnknownKind:
        return ()


def phase_row(item: str, phase, stored: dict, data, language: str) -> dict:
    """A phase's fields: what is stored or was typed, what it means, and what is wrong with it."""
    row = stored.get((item, phase.name))
    prefix = f"{item}-{phase.name}"
    fields, values, errors = [], {}, {}
    labels = (_("opens"), _("due"), _("closes"))
    for field, label in zip(FIELDS, labels, strict=True):
        name = f"{prefix}-{field}"
        at = getattr(row, field, None)
        raw = written(at, language) if data is None else data.get(name, "")
        try:
            values[field] = MomentField(required=False).clean(raw)
        except ValidationError as error:
            errors[name] = error.messages[0]
            values[field] = None
        means = moment(values[field], language) if values[field] else ""
        fields.append({"name": name, "label": label, "raw": raw, "means": means})
    return {
        "item": item,
        "name": phase.name,
        "label": phase.label,
        "fields": fields,
        "values": values,
        "errors": errors,
    }


def check_order(items: list[dict]) -> None:
    for item in items:
        rows = {row["name"]: row for row in item["phases"]}
        windows = [pacing.Window(name, **row["values"]) for name, row in rows.items()]
        for phase, message in pacing.problems(windows):
            rows[phase]["errors"].setdefault(rows[phase]["fields"][0]["name"], message)


@transaction.atomic
def save(run: CourseRun, items: list[dict]) -> None:
    for item in items:
        for row in item["phases"]:
            place = {"cohort": run.key, "item": row["item"], "phase": row["name"]}
            if any(row["values"].values()):
                PhaseDates.objects.update_or_create(**place, defaults=row["values"])
            else:
                PhaseDates.objects.filter(**place).delete()
