"""A workshop as the course file has it, and people in one cohort who act as the player lets them."""

import copy
import re
import uuid
from datetime import timedelta
from zlib import crc32

import pytest
from django.db import transaction
from django.http import QueryDict
from django.template.loader import render_to_string
from django.test import RequestFactory
from django.utils import timezone
from django.utils.translation import override

from activities.core.contract import Desk, Submitted
from activities.core.errors import Refused
from activities.core.models import ItemVersion, Participation
from activities.workshop import standing
from activities.workshop.course_file import from_course_file
from activities.workshop.kind import WorkshopKind
from activities.workshop.models import Review, ReviewLease, Submission, WorkshopPage
from tests.factories import files
from tests.factories.items import locale, participation_of, version_of, visit_of
from tests.factories.people import UserFactory
from tests.remember import remembered

SHELL = "{% block head_extra %}{% endblock %}{% block stepper %}{% endblock %}{% block item %}{% endblock %}"
TOKEN = re.compile(r'<input type="hidden" name="csrfmiddlewaretoken" value="[^"]*">')
KEYS = ("now", "gap", "goal", "steps", "support", "evidence")
# Everybody's cohort, unless a test says otherwise.
ROOM = uuid.UUID("11111111-2222-3333-4444-555555555555")
CRITERIA = ("specific", "gap", "steps", "evidence")
REFERENCE = {"specific": 1, "gap": 2, "steps": 1, "evidence": 1}
PLAN = (
    "ภายในวันศุกร์หน้า ข้าพเจ้าจะเพิ่มค่าตั้งต้นและค่าเป้าหมายเป็นตัวเลข กำหนดวันเสร็จของทุกขั้น "
    "และขอให้เพื่อนร่วมงานหนึ่งคนตรวจทานก่อนเริ่มลงมือ"
)


def long_text(seed: str, chars: int = 260) -> str:
    """Words that nobody else uses: no two seeds share five characters in a row for long."""
    alphabet = "กขคงจฉชซญดตถทนบปผพมยรลวสหอ"
    number = crc32(seed.encode()) % 2147483646 + 1  # seeds that are alike must not give the same
    letters = []
    while len(letters) < chars:
        number = (number * 48271 + 11) % 2147483647
        letters.append(alphabet[number % len(alphabet)])
        if len(letters) % 9 == 0:
            letters.append(" ")
    return "".join(letters)


def raw_item() -> dict:
    return files.item("a-w1")


def page_in(language: str, item=None, **changes) -> WorkshopPage:
    item = item or raw_item()
    values = {**from_course_file(item, language), **changes}
    return WorkshopPage(
        title=item["title"][language],
        slug="plan",
        minutes=item["minutes"],
        locale=locale(language),
        translation_key=uuid.UUID("22222222-2222-3333-4444-555555555555"),
        **values,
    )


def form(fields: dict) -> QueryDict:
    data = QueryDict(mutable=True)
    for name, value in fields.items():
        data[name] = str(value)
    return data


@pytest.fixture(autouse=True)
def bare_shells(settings):
    """The shells reduced to their blocks: what is tested is the kind's own markup."""
    templates = copy.deepcopy(settings.TEMPLATES)
    templates[0]["APP_DIRS"] = False
    templates[0]["OPTIONS"]["context_processors"] = ["django.template.context_processors.request"]
    templates[0]["OPTIONS"]["loaders"] = [
        (
            "django.template.loaders.locmem.Loader",
            {"learn/shell.html": SHELL, "teach/item_shell.html": SHELL},
        ),
        "django.template.loaders.app_directories.Loader",
    ]
    settings.TEMPLATES = templates


@pytest.fixture(autouse=True)
def in_english():
    with override("en"):
        yield


@pytest.fixture
def kind():
    return WorkshopKind()


@remembered
def the_version():
    return version_of(page_in("th"), en=page_in("en"))


@pytest.fixture
def version(db):
    return the_version()


def rendered(screen, **context) -> str:
    html = render_to_string(
        screen.template, {**screen.context, **context}, RequestFactory().get("/")
    )
    return TOKEN.sub("", html)


class Learner:
    """Somebody in the workshop. `now` moves with `later`."""

    def __init__(self, kind, version, cohort, language="en", **person):
        self.kind = kind
        self.user = UserFactory(**person)
        self.participation = participation_of(version, self.user, cohort=cohort)
        self.language = language
        self.now = timezone.now()
        Participation.objects.filter(pk=self.participation.pk).update(last_seen_at=self.now)

    @classmethod
    def again(cls, participation, kind=None):
        """Somebody who is in it already."""
        learner = cls.__new__(cls)
        learner.kind, learner.language = kind or WorkshopKind(), "en"
        learner.user, learner.participation = participation.user, participation
        learner.now = timezone.now()
        return learner

    def later(self, **time):
        self.now += timedelta(**time)
        return self

    def visit(self):
        self.participation = Participation.objects.select_related("version", "user").get(
            pk=self.participation.pk
        )
        return visit_of(self.participation, language=self.language, now=self.now)

    def advance(self):
        with transaction.atomic():
            self.kind.advance(self.visit().participation, now=self.now)
        return self

    def see(self, step="", submitted=None) -> str:
        with override(self.language):
            return rendered(self.kind.screen(self.visit(), step, submitted))

    def context(self, step="") -> dict:
        return self.kind.screen(self.visit(), step).context

    def do(self, action, step="", *, settled=True, **data):
        """Post a form as the player does, with what it does after the commit."""
        data.setdefault("key", str(uuid.uuid4()))
        self.advance()
        before = set(ReviewedWorks())
        with transaction.atomic(), override(self.language):
            outcome = self.kind.handle(self.visit(), step, action, form(data), {})
        if settled:
            for work in set(ReviewedWorks()) - before:
                standing.after_review(work[0], self.now)
        return outcome

    def refused(self, action, step="", **data):
        """(the refusal, the HTML that shows it)"""
        data = {"key": str(uuid.uuid4()), **data}
        try:
            with transaction.atomic(), override(self.language):
                self.kind.handle(self.visit(), step, action, form(data), {})
        except Refused as error:
            return error, self.see(step, Submitted(action, form(data), error)) if (
                error.status != 404
            ) else ""
        raise AssertionError("nothing was refused")

    # -- the way through --------------------------------------------------------------------

    def worksheet(self, **changes) -> dict:
        return {f"field-{k}": long_text(f"{self.user.pk}-{k}") for k in KEYS} | changes

    def send(self):
        self.do("check", "work", **self.worksheet())
        return self.do("send", "check")

    def practise(self, **changes):
        levels = {**REFERENCE, **changes}
        return self.do(
            "practise",
            "practice",
            example="example-1",
            **{f"points-{k}": v for k, v in levels.items()},
        )

    def take(self) -> ReviewLease | None:
        outcome = self.do("take", "review")
        if not outcome.step.startswith("review-"):
            return None
        return ReviewLease.objects.get(pk=int(outcome.step.removeprefix("review-")))

    def marks(self, points=2, **changes) -> dict:
        data = {f"points-{k}": points for k in CRITERIA}
        data["overall"] = long_text(f"overall-{self.user.pk}-{uuid.uuid4()}")
        return data | changes

    def review(self, lease=None, points=2, **changes):
        lease = lease or self.take()
        self.do("review", f"review-{lease.pk}", **self.marks(points, **changes))
        return lease

    def assess_self(self, points=2):
        return self.do("assess_self", "self", **{f"points-{k}": points for k in CRITERIA})

    def up_to_results(self, points=2):
        """Everything that one does before the results."""
        self.send()
        self.practise()
        self.duty(points)

    def duty(self, points=2):
        while self.stage == "reviewing" and self.data["done"] < self.data["required"]:
            self.review(points=points)
        self.assess_self()

    def finish(self):
        self.do("acknowledge", "results")
        return self.do("plan", "revise", plan=PLAN)

    # -- facts ------------------------------------------------------------------------------

    @property
    def data(self) -> dict:
        self.participation.refresh_from_db()
        return self.participation.data

    @property
    def stage(self) -> str:
        return self.data.get("stage", "not_started")

    @property
    def work(self) -> Submission:
        return Submission.objects.get(participation=self.participation)

    @property
    def state(self) -> str:
        self.participation.refresh_from_db()
        return self.participation.state

    @property
    def score(self):
        self.participation.refresh_from_db()
        return self.participation.score


def ReviewedWorks():
    return Review.objects.filter(kind="peer", submission__isnull=False).values_list(
        "submission_id", "pk"
    )


@pytest.fixture
def join(kind, version):
    """`join()` puts somebody new into the same cohort; `join(cohort=…)` into another."""

    def make(cohort=None, of=None, **options):
        return Learner(kind, of or version, cohort or ROOM, **options)

    return make


def desk_of(learner, **options) -> Desk:
    options.setdefault("user", UserFactory(first_name="วิทยา"))
    options.setdefault("cohort", learner.participation.cohort)
    return Desk(
        version=learner.participation.version,
        language="en",
        base_url="/en/teach/1/item/",
        **options,
    )


@remembered
def five_begin(version: int) -> list[Participation]:
    kind, version = WorkshopKind(), ItemVersion.objects.get(pk=version)
    people = [Learner(kind, version, ROOM, first_name=f"คนที่{n}") for n in range(5)]
    for person in people[:4]:
        person.send()
        person.practise()
    people[4].do("save_draft", "work", draft_form="worksheet", **people[4].worksheet())
    return [person.participation for person in people]


@remembered
def four_review(participations: list[int]) -> None:
    found = Participation.objects.filter(pk__in=participations).order_by("pk")
    people = [Learner.again(one) for one in found.select_related("user")]
    for person in people:
        person.duty(points=2)
    for person in people:
        person.advance()


@pytest.fixture
def five(kind, version):
    """Four who send on the first day and one who only looks in; nobody has reviewed yet."""
    return [Learner.again(one, kind) for one in five_begin(version.pk)]


@pytest.fixture
def opened(five):
    four_review([person.participation.pk for person in five[:4]])
    return five
