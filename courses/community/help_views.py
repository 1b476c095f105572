"""Help: the telephone number, how to do things, a letter to the people who run the site."""

import logging

from django.conf import settings
from django.contrib import messages
from django.core.mail import EmailMessage
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from courses.catalogue.models import ArticlePage

from .forms import HelpForm
from .limits import caller, too_often

logger = logging.getLogger("sala.help")

LETTERS, HOUR = 5, 3600
# A field that people do not see and programs fill in.
TRAP = "website"
NAMED = ("accessibility", "privacy")


def article(slug: str) -> ArticlePage | None:
    """The page that managers wrote under this address, in the reader's language, else in the other."""
    language = (get_language() or "th")[:2]
    pages = ArticlePage.objects.filter(slug=slug, live=True).select_related("locale").order_by("pk")
    found = {page.locale.language_code: page for page in pages}
    return found.get(language) or next(iter(found.values()), None)


@require_safe
def written(request, slug: str):
    """A page that every other page names at its foot, wherever managers have put it."""
    if slug not in NAMED:
        raise Http404
    found = article(slug)
    return redirect(found.url if found else reverse("help"))


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def help_page(request):
    form = HelpForm(initial=known(request)) if settings.LMS_HELP_EMAIL else None
    if request.method != "POST" or form is None:
        return page(request, form)
    form = HelpForm(request.POST)
    if not form.is_valid():
        return page(request, form, status=422)
    if request.POST.get(TRAP):
        return thanks(request)  # the program believes that it has succeeded
    if too_often("help", sender(request), LETTERS, HOUR):
        error = _(
            "You have written several times within an hour. Please wait a little, or call us; your text is still here."
        )
        form.add_error(None, error)
        response = page(request, form, status=429)
        response["Retry-After"] = str(HOUR)
        return response
    try:
        send(request, form.cleaned_data)
    except OSError:
        logger.exception("A letter from the help page could not be sent")
        form.add_error(
            None,
            _(
                "Your letter could not be sent just now. Please try again in a few minutes, or call us; your text is still here."
            ),
        )
        return page(request, form, status=503)
    return thanks(request)


def thanks(request):
    messages.success(
        request, _("Your letter has been sent. The answer goes to the address that you gave.")
    )
    return redirect("help")


def sender(request) -> str:
    user = request.user
    return f"user-{user.pk}" if user.is_authenticated else caller(request)


def known(request) -> dict:
    """What the form need not ask."""
    came_from = request.GET.get("from", "")[:300]
    if not request.user.is_authenticated:
        return {"page": came_from}
    user = request.user
    return {"name": user.get_full_name(), "email": user.email, "page": came_from}


def send(request, letter: dict) -> None:
    """Send the letter on, in the site's language, with the writer's address to answer to."""
    user = request.user
    with override(settings.LANGUAGE_CODE):
        lines = [
            letter["text"],
            "",
            "-- ",
            _("From: %(name)s <%(email)s>") % letter,
            _("Account: %(account)s")
            % {"account": f"#{user.pk}" if user.is_authenticated else _("not signed in")},
        ]
        if letter["page"]:
            lines.append(_("Page: %(page)s") % letter)
        subject = _("[Help] %(subject)s") % letter
    EmailMessage(
        subject=" ".join(subject.split()),
        body="\n".join(lines),
        to=[settings.LMS_HELP_EMAIL],
        reply_to=[letter["email"]],
    ).send()


def page(request, form, status: int = 200):
    context = {
        "form": form,
        "article": article("help"),
        "trap": TRAP,
        "links": [
            (written.title, written.url)
            for slug in (*NAMED, "about")
            if (written := article(slug)) is not None
        ],
        "notices_url": reverse("notice_preferences"),
    }
    return render(request, "community/help.html", context, status=status)
