"""A learner and an instructor at an item, without a course around them."""

import uuid
from dataclasses import dataclass, field

from django.contrib.auth import get_user_model
from django.db import transaction
from django.http import QueryDict
from django.template.loader import render_to_string
from django.test import RequestFactory
from django.utils import timezone
from django.utils.datastructures import MultiValueDict
from django.utils.translation import override
from wagtail.models import Locale

from activities.core import guard, registry
from activities.core.contract import Desk, Screen, Submitted, Visit
from activities.core.errors import Refused
from activities.core.models import ItemVersion, Participation
from activities.core.record import reckon
from activities.core.snapshots import digest, snapshot


@dataclass
class Action:
    """A form that a learner sends. `data` are its fields; a list is several values of one field."""

    action: str
    data: dict = field(default_factory=dict)
    step: str = ""


def bare_kind(name: str):
    """The kind without its guard: a test must see what it raises."""
    return guard.bare(registry.get(name))


def prepared(page, language: str):
    """A page that was made in a test, as if it stood in the tree."""
    page.locale, _created = Locale.objects.get_or_create(language_code=language)
    page.slug = page.slug or "item"
    page.title = page.title or "Item"
    return page


def version_of(kind, pages: dict) -> ItemVersion:
    """What a release would make of the pages {language: page}, the source language first."""
    source, *others = pages.values()
    for page in others:
        page.translation_key = source.translation_key
    texts = {language: snapshot(page) for language, page in pages.items()}
    minutes = kind.minutes(source)
    return ItemVersion.objects.create(
        item=source.translation_key,
        kind=kind.name,
        category=kind.category,
        declared=source.minutes,
        required=source.required,
        lecture=minutes.lecture,
        active=minutes.active,
        neutral=minutes.neutral,
        source_language=next(iter(pages)),
        texts=texts,
        digest=digest(texts),
    )


def form(data: dict) -> QueryDict:
    """A form as it arrives. A `key` is given to each, as a page would."""
    query = QueryDict(mutable=True)
    query["key"] = str(uuid.uuid4())
    for name, value in data.items():
        query.setlist(name, [str(v) for v in (value if isinstance(value, list) else [value])])
    return query


class Learner:
    """Somebody who takes the item; `do` and `see` are what the player does."""

    def __init__(self, kind, version, *, cohort=None, language="th"):
        self.kind, self.language = kind, language
        seat = uuid.uuid4()
        self.user = get_user_model().objects.create(
            email=f"{seat}@learner.example", first_name="อรุณี", last_name="ใจดี"
        )
        self.pk = Participation.objects.create(
            user=self.user,
            seat=seat,
            cohort=cohort or uuid.uuid4(),
            item=version.item,
            version=version,
            last_seen_at=timezone.now(),
        ).pk

    @property
    def participation(self) -> Participation:
        return Participation.objects.select_related("version", "user").get(pk=self.pk)

    def visit(self, participation=None, language=None) -> Visit:
        participation = participation or self.participation
        return Visit(
            participation=participation,
            version=participation.version,
            user=self.user,
            language=language or self.language,
            base_url="/th/learn/course/item/",
        )

    def advance(self) -> None:
        if guard.implements(self.kind, "advance"):
            with transaction.atomic():
                self.kind.advance(self.participation)

    def send(self, step: str, action: str, data: QueryDict):
        """An action as the player carries it out. Raises `Refused`."""
        with transaction.atomic(), override(self.language):
            participation = Participation.objects.select_related("version", "user")
            participation = participation.select_for_update(of=("self",)).get(pk=self.pk)
            if guard.implements(self.kind, "advance"):
                self.kind.advance(participation)
            visit = self.visit(participation)
            outcome = self.kind.handle(visit, step, action, data, MultiValueDict())
            reckon(self.kind, participation)
            return outcome

    def do(self, action: Action):
        return self.send(action.step, action.action, form(action.data))

    def see(self, step="", language=None, submitted=None) -> tuple[Screen, str]:
        """(the screen, its HTML in the player's shell). Raises `Refused`."""
        visit = self.visit(language=language)
        with override(visit.language):
            screen = self.kind.screen(visit, step, submitted)
            return screen, rendered(self.kind, screen, self.user, visit)

    def refusal(self, action: Action, language=None) -> tuple[Refused, str]:
        """(the refusal, the HTML of the screen that shows it). Fails when nothing is refused."""
        data = form(action.data)
        with override(language or self.language):
            try:
                with transaction.atomic():
                    self.kind.handle(
                        self.visit(language=language),
                        action.step,
                        action.action,
                        data,
                        MultiValueDict(),
                    )
                    transaction.set_rollback(True)
            except Refused as error:
                submitted = Submitted(action.action, data, error)
                return error, self.see(action.step, language, submitted)[1]
        raise AssertionError(f"{action} was not refused")


def rendered(kind, screen: Screen, user, visit) -> str:
    """The HTML of a screen with the shell around it, as in a preview."""
    request = RequestFactory().get("/th/learn/course/item/")
    request.user = user
    context = {
        "visit": visit,
        "visit_url": visit.url() if visit else "/",
        "item": {
            "title": visit.version.title(visit.language) if visit else "",
            "minutes": visit.version.minutes if visit else 0,
            "icon": kind.icon,
            "method_label": kind.method_label,
            "category": kind.category,
        },
        "run": {"title": "", "name": "", "code": "", "url": "/"},
        "desk_url": "/th/teach/1/item/",
        "back_url": "/th/teach/1/",
    }
    return render_to_string(screen.template, context | screen.context, request)


def desk_of(version, cohort, language="th", user=None) -> Desk:
    user = user or get_user_model().objects.create(email=f"{uuid.uuid4()}@teacher.example")
    return Desk(
        version=version, cohort=cohort, user=user, language=language, base_url="/th/teach/1/item/"
    )
