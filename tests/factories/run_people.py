"""People with a place in a run of the demo course, who work and talk in it as the player lets them."""

from django.utils import timezone

from activities.core.models import ItemVersion, Participation
from activities.discussion.kind import DiscussionKind
from activities.workshop.kind import WorkshopKind
from courses.enrolment.enrol import enrol
from tests.activities.discussion.conftest import Learner as Talker
from tests.activities.workshop.conftest import Learner as Worker

from .people import UserFactory


def versions_of(state) -> dict[str, ItemVersion]:
    """{kind: the version of its item in a course}, the discussion graded by hand too."""
    found = {row.version.kind: row.version for row in state.current.items.select_related("version")}
    talk = found["discussion"]
    by_hand = {code: {**texts, "grading": "both"} for code, texts in talk.texts.items()}
    ItemVersion.objects.filter(pk=talk.pk).update(texts=by_hand, digest="graded by hand")
    found["discussion"] = ItemVersion.objects.get(pk=talk.pk)
    return found


class InRun:
    """Somebody enrolled: `worker` acts in the workshop, `talker` in the discussion."""

    def __init__(self, state, run, versions, **person):
        self.user = UserFactory(**person)
        self.enrolment = enrol(self.user, state.course)
        self.worker = self.place(Worker, WorkshopKind(), versions["workshop"], run, "en")
        self.talker = self.place(Talker, DiscussionKind(), versions["discussion"], run, "th")
        self.worker.now = timezone.now()

    def place(self, cls, kind, version, run, language):
        one = cls.__new__(cls)
        one.kind, one.user, one.language = kind, self.user, language
        one.participation = Participation.objects.create(
            user=self.user,
            seat=self.enrolment.seat,
            cohort=run.key,
            item=version.item,
            version=version,
            last_seen_at=timezone.now(),
        )
        return one

    @property
    def work(self):
        return self.worker.work
