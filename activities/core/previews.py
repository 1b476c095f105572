"""A preview mode as a page: the rehearsed screen in the player's shell."""

from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import override

from .contract import preview_context
from .errors import Refused
from .rehearsal import rehearse, undone


def rehearsed(kind, page, request, mode: str):
    """`mode` is a name of `kind.preview_modes`, with a step after a dot: `after.stream`.

    What cannot be shown (yet) is told in a sentence: an author looks at unfinished pages.
    """
    name, _dot, step = mode.partition(".")
    with override(page.locale.language_code), undone():
        visit = rehearse(page, name)
        context = preview_context(kind, page, visit, mode)
        try:
            screen = kind.rehearse(visit, name, step)
        except Refused as refused:
            context["message"] = refused.message
            return render(request, "learn/preview_refused.html", context)
        # Rendered before it is undone: templates may still read what was rehearsed.
        return render(request, screen.template, context | screen.context)


def unavailable(page, request):
    """The preview of a page whose kind is not installed or does not work."""
    with override(page.locale.language_code):
        context = {
            "is_preview": True,
            "item": {
                "title": page.title,
                "minutes": page.minutes,
                "icon": "file",
                "method_label": _("Activity"),
                "category": "",
            },
        }
        return render(request, "learn/preview_unavailable.html", context, status=503)
