"""Lessons: the kind that is read, watched or listened to."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, override

from activities.core.contract import ActivityKind, NextStep, Outcome, Screen, SearchPassage
from activities.core.enums import Category, State
from activities.core.errors import Refused
from activities.core.record import note, record

from . import lesson_minutes


@dataclass(frozen=True)
class Lesson:
    """A lesson ready to be shown: its HTML, and its words for search."""

    html: str
    text: str
    checks: int
    passages: tuple[SearchPassage, ...] = ()


class LessonKind(ActivityKind):
    name = "lesson"
    category = Category.LECTURE
    label = gettext_lazy("Lesson")
    method_label = gettext_lazy("Read and watch")
    icon = "book"
    follows_release = True

    @property
    def page_model(self):
        from .models import LessonPage

        return LessonPage

    def open_to_instructor(self, participation, by) -> bool:
        # Reading leaves nothing that is one's own; what the kind knows is how far somebody read.
        return True

    def floor(self, page) -> int:
        return lesson_minutes.floor(page)

    def problems(self, page) -> list[str]:
        floor = lesson_minutes.floor(page)
        if page.minutes >= floor:
            return []
        return [
            ngettext(
                "Declares %(declared)s minute, but reading its text and playing its media takes at "
                "least %(floor)s. Declare %(floor)s minutes or shorten it.",
                "Declares %(declared)s minutes, but reading its text and playing its media takes at "
                "least %(floor)s. Declare %(floor)s minutes or shorten it.",
                page.minutes,
            )
            % {"declared": page.minutes, "floor": floor}
        ]

    def remarks(self, page) -> list[str]:
        unknown = lesson_minutes.of_unknown_length(page)
        said = [
            _("Give the length of “%(title)s”, so that its minutes can be checked.")
            % {"title": title}
            for title in unknown
        ]
        most = lesson_minutes.plausible(page)
        if not unknown and not lesson_minutes.holds_documents(page) and page.minutes > most:
            said.append(
                _(
                    "Declares %(declared)s minutes, but its text and media account for %(floor)s to "
                    "%(most)s. Is it really that long? Learners plan their day by it."
                )
                % {"declared": page.minutes, "floor": lesson_minutes.floor(page), "most": most}
            )
        return said

    def content(self, page) -> Lesson:
        # Rendered once per version: a version never changes.
        # In the language of the text, whoever asks first: what is kept is shown to everybody.
        with override(page.locale.language_code):
            html = render_to_string("learn/lesson_body.html", {"body": page.body})
        checks = sum(block.block_type == "knowledge_check" for block in page.body)
        words = page.body.stream_block.get_searchable_content(page.body)
        return Lesson(
            html=html, text="\n".join(words), checks=checks, passages=tuple(passages_of(page.body))
        )

    def summary(self, content) -> str:
        if not content.checks:
            return str(self.method_label)
        return ngettext(
            "Read and watch, %(count)s question to yourself",
            "Read and watch, %(count)s questions to yourself",
            content.checks,
        ) % {"count": content.checks}

    def search_text(self, content) -> str:
        return content.text

    def search_passages(self, content) -> list[SearchPassage]:
        return list(content.passages)

    def screen(self, visit, step, submitted=None):
        if step:
            raise Refused(_("There is no such step."), code="unknown_step", status=404)
        return Screen(
            "learn/lesson.html",
            {
                "lesson_html": visit.content.html,
                "completed": visit.participation.completed,
            },
        )

    def handle(self, visit, step, action, data, files):
        if action != "mark_read":
            raise Refused(_("Sala does not know this action."), code="unknown_action", status=400)
        if not visit.participation.completed:
            note(visit.participation, "lesson_read")
            record(visit.participation, state=State.COMPLETED, now=visit.now)
        return Outcome(message=_("Marked as read."))

    def preview_modes(self, page):
        return [("read", _("After reading"))]

    def rehearse(self, visit, mode, step):
        self.handle(visit, "", "mark_read", {}, {})
        return self.screen(visit, step)

    def next_step(self, participation):
        if participation.completed:
            return None
        return NextStep(
            label=_("Go on reading") if participation.started_at else _("Read the lesson"),
            minutes=max(1, math.ceil(participation.version.declared)),
        )


def passages_of(body) -> Iterator[SearchPassage]:
    """A lesson in parts, one below each heading, and one for each file to download.

    The anchors are the places of the blocks, which `learn/lesson_body.html` gives them as ids.
    """
    heading, anchor, texts = "", "", []
    for place, block in enumerate(body, start=1):
        if block.block_type == "heading":
            if texts:
                yield SearchPassage(heading, "\n".join(texts), anchor=anchor)
            heading, anchor, texts = str(block.value), f"part-{place}", []
        elif block.block_type == "document" and block.value["document"]:
            title = block.value.get("title") or block.value["document"].title
            yield SearchPassage(
                title, "", anchor=f"part-{place}", document=block.value["document"].pk
            )
        else:
            texts += [text for text in block.block.get_searchable_content(block.value) if text]
    if texts or heading:
        yield SearchPassage(heading, "\n".join(texts), anchor=anchor)
