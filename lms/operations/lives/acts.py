"""What one of the demo's people does, one function an act: each does what a form of the site does."""

import uuid
from dataclasses import dataclass, field
from functools import cached_property

from django.utils.datastructures import MultiValueDict

from activities.core import decisions, registry
from activities.core.contract import Desk
from activities.core.models import Participation
from activities.discussion import queries
from activities.discussion.enums import PostKind
from activities.discussion.models import Post
from activities.quiz import takes
from activities.role_play import plays
from activities.workshop.models import ReviewLease, Submission
from courses.community import feedback, survey
from courses.community.forms import FeedbackForm, SurveyForm
from courses.enrolment import enrol, player, staff
from courses.enrolment.models import Application, CourseRun, Enrolment
from courses.enrolment.teach_person import participation_in
from courses.teaching import messages

TALK, PLAY, WORK, QUIZ, LESSON = "discussion", "role_play_solo", "workshop", "quiz", "lesson"


class Untold(Exception):
    """The story does not say what somebody would do here."""


@dataclass
class Life:
    """Somebody in a course. `people` are all of them by name; `reviews` is what can be said about
    each work, {author or sample: [review, ...]}, and is used up."""

    user: object
    run: CourseRun
    slug: str
    people: dict
    reviews: dict = field(default_factory=dict)

    @property
    def enrolment(self) -> Enrolment:
        return Enrolment.objects.select_related("run", "user").get(run=self.run, user=self.user)

    @cached_property
    def outline(self) -> dict:
        state, _enrolment = enrol.place_in(self.user, self.slug)
        return state.served.outline

    def entry(self, kind: str, n: int = 1) -> dict:
        """The outline's entry of the n-th item of a kind."""
        return [entry for entry in self.outline["items"] if entry["kind"] == kind][n - 1]

    def at(self, kind: str, n: int = 1) -> player.Place:
        return player.find_for(self.user, self.slug, self.entry(kind, n)["slug"])

    def do(self, kind: str, action: str, where: str = "", n: int = 1, **data):
        """Send a form from the step `where`, as its page would; the page that comes next is
        where somebody is then."""
        place, doer = self.at(kind, n), registry.get(kind)
        sent = {"action": action, "key": str(uuid.uuid4()), **data}
        visit, outcome = player.carry_out(
            self.user, place, doer, where, action, sent, MultiValueDict()
        )
        player.remember(place, visit.participation, outcome.step)
        return outcome

    def look(self, kind: str, step: str = "", n: int = 1) -> None:
        player.look(self.user, self.at(kind, n), registry.get(kind), step)

    def participation(self, kind: str, n: int = 1) -> Participation:
        return Participation.objects.select_related("version").get(
            seat=self.enrolment.seat, item=self.entry(kind, n)["key"]
        )

    def post_of(self, name) -> Post:
        """The answer of a person by name, or of a sample voice by its number."""
        room = queries.room(self.participation(TALK))
        if isinstance(name, int):
            return room.filter(kind=PostKind.SEED).order_by("pk")[name - 1]
        return room.get(kind=PostKind.INITIAL, author=self.people[name])


# -- places -------------------------------------------------------------------------------------


def enrol_(life: Life, why) -> None:
    """Take a place, or ask for one with a reason."""
    enrol.join(life.user, life.run, why=why if isinstance(why, str) else "")


def admit(life: Life, names: list) -> None:
    """The instructor admits people who have asked."""
    for name in names:
        asked = Application.objects.get(run=life.run, user=life.people[name])
        staff.approve(asked, life.user)


# -- lessons ------------------------------------------------------------------------------------


def read(life: Life, numbers: list) -> None:
    for n in numbers:
        life.look(LESSON, n=n)
        life.do(LESSON, "mark_read", n=n)


def useful(life: Life, said: dict) -> None:
    """{lesson, useful: yes or no, why}"""
    form = FeedbackForm({"useful": "yes" if said["useful"] else "no", "why": said.get("why", "")})
    checked(form)
    version = life.participation(LESSON, said["lesson"]).version
    feedback.give(life.enrolment, version, **form.cleaned_data)


def checked(form) -> None:
    if not form.is_valid():
        raise Untold(f"{type(form).__name__}: {form.errors.as_json()}")


# -- the discussion -----------------------------------------------------------------------------


def answer(life: Life, text: str) -> None:
    life.do(TALK, "answer", body=text)


def reply(life: Life, said: dict) -> None:
    """{to: a name or the number of a sample voice, text}"""
    step = f"reply-{life.post_of(said['to']).pk}"
    life.look(TALK, step)
    life.do(TALK, "reply", step, body=said["text"])


def browse(life: Life, _said) -> None:
    """Read what the others wrote."""
    life.look(TALK, "stream")


def conclude(life: Life, text: str) -> None:
    life.look(TALK, "stream")
    life.do(TALK, "conclude", "synthesis", body=text)


def report(life: Life, said: dict) -> None:
    """{by: whose reply, reason, detail}"""
    post = queries.room(life.participation(TALK)).get(
        kind=PostKind.REPLY, author=life.people[said["by"]], parent__author=life.people[said["to"]]
    )
    life.do(TALK, "report", f"report-{post.pk}", reason=said["reason"], detail=said["detail"])


# -- the role-play ------------------------------------------------------------------------------


def play(life: Life, choices: list) -> None:
    """Play once more, by the choices in their order."""
    life.look(PLAY)
    begun = standing_of(life)
    life.do(PLAY, "begin", attempt=str(len(begun.attempts) + 1))
    for choice in choices:
        standing = standing_of(life)
        attempt = standing.current
        life.do(
            PLAY,
            "choose",
            attempt=str(attempt.number),
            node=plays.place_of(attempt, standing.rules),
            step=str(attempt.step),
            choice=choice,
        )
    if standing_of(life).current is not None:
        raise Untold(f"{life.user}: the choices {choices} lead to no ending")


def standing_of(life: Life):
    participation = life.participation(PLAY)
    return plays.standing_of(participation, participation.version.rules)


def reflect(life: Life, answers: dict) -> None:
    life.do(PLAY, "to_reflection")
    life.do(PLAY, "reflect", "reflection", **{f"answer-{k}": v for k, v in answers.items()})


# -- the workshop -------------------------------------------------------------------------------


def open_workshop(life: Life, _said) -> None:
    life.look(WORK)


def sketch(life: Life, fields: dict) -> None:
    """Type into the worksheet and leave it for another day."""
    life.look(WORK)
    values = {f"field-{key}": text for key, text in fields.items()}
    life.do(WORK, "save_draft", "work", draft_form="worksheet", **values)


def hand_in(life: Life, fields: dict) -> None:
    life.look(WORK)
    life.do(WORK, "check", "work", **{f"field-{key}": text for key, text in fields.items()})
    life.do(WORK, "send", "check")


def practise(life: Life, points: dict) -> None:
    rules = life.participation(WORK).version.rules
    life.do(WORK, "practise", "practice", example=rules.examples[0].key, **marks(points))


def marks(points: dict) -> dict:
    return {f"points-{key}": str(n) for key, n in points.items()}


def review(life: Life, count: int) -> None:
    """Take works one after the other, whichever the site gives, and say what is said of each."""
    for _n in range(count):
        step = life.do(WORK, "take", "review").step
        if not step.startswith("review-"):
            raise Untold(f"{life.user}: there was no work to review")
        lease = ReviewLease.objects.select_related("submission__participation").get(
            pk=step.removeprefix("review-")
        )
        said = words_about(life, lease)
        comments = {f"comment-{key}": text for key, text in said.get("comments", {}).items()}
        life.do(WORK, "review", step, overall=said["text"], **marks(said["points"]), **comments)


def words_about(life: Life, lease: ReviewLease) -> dict:
    if lease.submission is None:
        samples = [seed.key for seed in life.participation(WORK).version.rules.seeds]
        about = f"sample {samples.index(lease.seed_key) + 1}"
    else:
        author = lease.submission.participation.user_id
        about = next(name for name, user in life.people.items() if user.pk == author)
    left = life.reviews.get(about)
    if not left:
        raise Untold(f"{life.user} is to review the work of {about}: nothing is left to be said")
    return left.pop(0)


def assess(life: Life, points: dict) -> None:
    life.do(WORK, "assess_self", "self", **marks(points))


def react(life: Life, said: dict) -> None:
    """{reaction, text}: what the author thinks of the first review."""
    work = Submission.objects.get(participation=life.participation(WORK))
    first = work.reviews.filter(kind="peer").order_by("pk").first()
    life.do(WORK, "react", "results", review=str(first.pk), **said)


def finish(life: Life, said: dict) -> None:
    """{plan, share}: read the results and say what one will change."""
    life.look(WORK)
    life.do(WORK, "acknowledge", "results")
    life.do(
        WORK, "plan", "revise", plan=said["plan"], **({"share": "1"} if said.get("share") else {})
    )


# -- the quiz, and after the end ----------------------------------------------------------------


def quiz(life: Life, said: dict) -> None:
    """{wrong: [question, ...]}: the first wrong answer there, the right ones elsewhere."""
    life.look(QUIZ, "try")
    participation = life.participation(QUIZ)
    rules = participation.version.rules
    standing = takes.standing_of(participation, rules)
    wrong = set(said.get("wrong", []))
    answers = {
        takes.field_name(q.key): [a.key for a in q.answers if not a.correct][:1]
        if q.key in wrong
        else sorted(q.right)
        for q in rules.questions
    }
    life.do(QUIZ, "hand_in", "try", attempt=str(standing.number), **answers)


def opinion(life: Life, said: dict) -> None:
    form = SurveyForm({name: str(value) for name, value in said.items()})
    checked(form)
    survey.answer(life.enrolment, form.cleaned_data)


# -- writing to one another, and what the instructor does ---------------------------------------


def write(life: Life, text: str) -> None:
    messages.answer(life.run, life.user, text, uuid.uuid4())


def write_to(life: Life, said: dict) -> None:
    """{to: a name, text}: the instructor has read what was written and answers."""
    person = life.people[said["to"]]
    enrolment = Enrolment.objects.get(run=life.run, user=person)
    messages.read(life.run, person, by_staff=True)
    messages.send(life.run, [enrolment.pk], said["text"], life.user, uuid.uuid4())


def read_messages(life: Life, _said) -> None:
    messages.read(life.run, life.user, by_staff=False)


def excuse(life: Life, said: dict) -> None:
    """{who, item: a kind, reason}"""
    enrolment = Enrolment.objects.select_related("run", "user").get(
        run=life.run, user=life.people[said["who"]]
    )
    key = life.entry(said["item"])["key"]
    participation = participation_in(enrolment, life.outline, key)
    decisions.excuse(participation, said["reason"], life.user)


def desk_of(life: Life, version) -> Desk:
    return Desk(version=version, cohort=life.run.key, user=life.user, language="th", base_url="/")


def speak(life: Life, said: dict) -> None:
    """{to: a name, text}: the instructor replies to somebody's answer."""
    post = Post.objects.select_related("participation__version").get(
        author=life.people[said["to"]], cohort=life.run.key, kind=PostKind.INITIAL
    )
    desk = desk_of(life, post.participation.version)
    sent = {"body": said["text"], "key": str(uuid.uuid4())}
    registry.get(TALK).desk_handle(desk, f"post-{post.pk}", "reply", sent, MultiValueDict())


def assess_work(life: Life, said: dict) -> None:
    """{of, points, text}: the instructor's own review of a work."""
    work = Submission.objects.select_related("participation__version").get(
        participation__user=life.people[said["of"]], cohort=life.run.key
    )
    desk = desk_of(life, work.participation.version)
    step = f"work-{work.participation_id}"
    sent = {"overall": said["text"], **marks(said["points"])}
    registry.get(WORK).desk_handle(desk, step, "review", sent, MultiValueDict())


ACTS = {
    "enrol": enrol_,
    "admit": admit,
    "read": read,
    "useful": useful,
    "answer": answer,
    "reply": reply,
    "browse": browse,
    "conclude": conclude,
    "report": report,
    "play": play,
    "reflect": reflect,
    "open_workshop": open_workshop,
    "sketch": sketch,
    "hand_in": hand_in,
    "practise": practise,
    "review": review,
    "assess": assess,
    "react": react,
    "finish": finish,
    "quiz": quiz,
    "opinion": opinion,
    "write": write,
    "write_to": write_to,
    "read_messages": read_messages,
    "excuse": excuse,
    "speak": speak,
    "assess_work": assess_work,
}
