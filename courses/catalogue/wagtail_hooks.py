"""The framework's lists in the authoring site."""

from django.utils.translation import gettext_lazy as _
from wagtail.snippets.models import register_snippet
from wagtail.snippets.views.snippets import SnippetViewSet, SnippetViewSetGroup

from .models import (
    FrameworkVersion,
    LearningTheme,
    ResponsibleBody,
    Role,
    Skill,
    SkillGroup,
    Stage,
    TargetGroup,
)


def viewset(term, glyph: str, columns: list[str], filters: list[str]) -> type[SnippetViewSet]:
    return type(
        f"{term.__name__}ViewSet",
        (SnippetViewSet,),
        {"model": term, "icon": glyph, "list_display": columns, "list_filter": filters},
    )


TERM_COLUMNS = ["name_th", "name_en", "key", "framework"]


class FrameworkGroup(SnippetViewSetGroup):
    menu_label = _("Framework")
    menu_icon = "list-ul"
    menu_order = 300
    items = [
        viewset(
            FrameworkVersion, "calendar", ["version", "title_th", "is_current"], ["is_current"]
        ),
        *[
            viewset(term, glyph, TERM_COLUMNS, ["framework"])
            for term, glyph in (
                (TargetGroup, "group"),
                (Stage, "order"),
                (Role, "user"),
                (SkillGroup, "folder-open-inverse"),
                (Skill, "tag"),
                (LearningTheme, "snippet"),
                (ResponsibleBody, "site"),
            )
        ],
    ]


register_snippet(FrameworkGroup)
