import uuid
from decimal import Decimal

from django.db.models import Count
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from activities.core import substance
from activities.core.contract import (
    ActivityKind,
    Column,
    LivePart,
    NextStep,
    Outcome,
    Screen,
    Waiting,
)
from activities.core.enums import Category
from activities.core.errors import Refused
from activities.core.minutes import reading, whole, writing
from activities.core.models import Participation
from activities.core.notices import Notice
from activities.core.record import draft_of, drop_draft, note

from .breaks import break_at, breaks
from .models import DiaryPage, Entry

FORM = "entry"


class Words(dict):
    """Two languages are enough for a package of this size."""

    def __str__(self):
        from django.utils.translation import get_language

        return self["th"] if (get_language() or "th").startswith("th") else self["en"]


class DiaryKind(ActivityKind):
    api = 99 if breaks("api") else 1
    name = "diary"
    category = "resting" if breaks("category") else Category.ACTIVE
    label = Words(th="บันทึกสะท้อนคิด", en="Reflection diary")
    method_label = Words(th="เขียนบันทึก", en="Keep a diary")
    icon = "file"
    has_desk = True
    page_model = DiaryPage
    notices = (Notice("diary_written", gettext_lazy("Diaries"), gettext_lazy("“%(item)s”")),)

    def ceiling(self, page):
        break_at("ceiling")
        return whole(
            reading(substance.length(page.question)) + writing(page.entries * page.min_chars)
        )

    def minutes(self, page):
        break_at("minutes")
        if breaks("greedy"):
            return (0, page.minutes + 100, 0)
        return super().minutes(page)

    def problems(self, page):
        break_at("problems")
        return (
            [] if page.question.strip() else [str(Words(th="โปรดเขียนคำถาม", en="Ask something."))]
        )

    def summary(self, content):
        break_at("summary")
        return str(Words(th="เขียนบันทึกจากงานจริง", en="Write about your work"))

    def search_text(self, content):
        break_at("search")
        return content.question

    def templates(self):
        break_at("templates")
        return []

    def screen(self, visit, step, submitted=None):
        break_at("render")
        if step:
            raise Refused(_("There is no such step."), status=404)
        rows = []
        if visit.participation.pk:
            rows = list(visit.participation.diary_entries.all())
        typed = submitted.data if submitted else draft_of(visit.participation, FORM)
        template = "missing.html" if breaks("template") else "sala_diary/diary.html"
        error = submitted.error if submitted else None
        return Screen(
            template,
            {
                "question": visit.content.question,
                "entries": rows,
                "wanted": visit.rules.entries,
                "least": visit.rules.min_chars,
                "text": typed.get("text", ""),
                "text_error": error.fields.get("text") if error else None,
                "key": uuid.uuid4(),
                "lazy": Lazy(),
            },
        )

    def handle(self, visit, step, action, data, files):
        if action != "write":
            raise Refused(str(Words(th="ไม่มีการดำเนินการนี้", en="No such action.")), status=400)
        text = data.get("text", "").strip()
        if substance.length(text) < visit.rules.min_chars:
            message = str(Words(th="ข้อความสั้นเกินไป", en="The text is too short."))
            raise Refused(message, code="too_short", fields={"text": message})
        try:
            key = uuid.UUID(data.get("key", ""))
        except ValueError:
            key = uuid.uuid4()
        entry, made = Entry.objects.get_or_create(
            key=key, defaults={"participation": visit.participation, "text": text}
        )
        break_at("handle")
        if made:
            note(visit.participation, "diary_entry", {"entry": entry.pk}, key=key)
        drop_draft(visit.participation, FORM)
        return Outcome(message=str(Words(th="บันทึกแล้ว", en="Written.")))

    def score(self, participation):
        break_at("score")
        done = participation.diary_entries.count()
        return min(Decimal(100), Decimal(100 * done) / participation.version.rules.entries)

    def is_complete(self, participation):
        return participation.diary_entries.count() >= participation.version.rules.entries

    def next_step(self, participation):
        break_at("next_step")
        return None if participation.completed else NextStep(str(self.method_label), 5)

    def waiting(self, participation):
        break_at("waiting")
        return [Waiting("…", None)] if breaks("endless") else []

    def visible_events(self, visit, events):
        break_at("events")
        return [
            LivePart(event.pk, html=format_html("<li>{}</li>", event.actor))
            for event in events
            if event.kind == "diary_entry" and event.actor_id == visit.user.pk
        ]

    def desk_screen(self, desk, step, submitted=None):
        break_at("desk")
        if step:
            raise Refused(_("There is no such step."), status=404)
        people = Participation.objects.filter(cohort=desk.cohort, item=desk.version.item)
        people = people.select_related("user").annotate(n=Count("diary_entries"))[:50]
        return Screen("sala_diary/desk.html", {"people": people})

    def desk_handle(self, desk, step, action, data, files):
        raise Refused(str(Words(th="ไม่มีการดำเนินการนี้", en="No such action.")), status=400)

    def report_columns(self, version):
        return [Column("entries", Words(th="จำนวนบันทึก", en="entries"))]

    def report_rows(self, version, participations):
        break_at("report")
        counts = dict(
            Entry.objects.filter(participation__in=participations)
            .values_list("participation")
            .annotate(n=Count("pk"))
            .order_by()
        )
        return {p.pk: {"entries": counts.get(p.pk, 0)} for p in participations}

    def personal_data(self, user):
        break_at("personal_data")
        texts = Entry.objects.filter(participation__user=user).values_list("text", flat=True)
        return {"entries": list(texts)} if texts else {}

    def erase(self, user):
        Entry.objects.filter(participation__user=user).update(text="")


class Lazy:
    """Something that fails only while the template is rendered."""

    def __str__(self):
        break_at("lazy")
        return ""
