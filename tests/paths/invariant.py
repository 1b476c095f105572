"""What must hold after anything whatever: nobody is served a course below 40 % doing."""

from django.test import Client
from django.urls import reverse
from django.utils.translation import override

from courses.enrolment.models import Enrolment
from courses.releases.audit import audit
from courses.releases.models import CourseState, ReleaseItem
from tests.factories.people import UserFactory

HARMLESS = {"kind_missing"}


def holds(*, serve: bool = True) -> None:
    """Recompute every offer from its snapshots, then look at what a learner is served.

    Raises AssertionError with what is wrong.
    """
    looked_at, found = audit()
    assert [finding for finding in found if finding.code not in HARMLESS] == []
    states = list(CourseState.objects.select_related("current", "served"))
    assert looked_at == sum(state.served_id is not None for state in states)
    for state in states:
        assert state.current is None or state.served == state.current
        if state.served is not None:
            mix = state.served.mix
            assert mix.total > 0
            assert 5 * mix.lecture <= 3 * mix.total
            assert 5 * mix.active >= 2 * mix.total
    if serve:
        with override("th"):
            for state in states:
                served(state)


def served(state: CourseState) -> None:
    """The course page, the catalogue and every item, as a learner of the course gets them: also when
    the course has been withdrawn, for then those who are enrolled go on with its last release."""
    browser, user = Client(), UserFactory()
    browser.force_login(user)
    enrolment = (
        Enrolment.objects.filter(run__course=state.course).exclude(state="withdrawn").first()
    )
    if enrolment is not None:
        browser.force_login(enrolment.user)
    listed = browser.get(reverse("catalogue"), {"q": state.slug or "-"}).text
    if state.current is None:
        assert f"/courses/{state.slug}/" not in listed
        turned_away(state)
    if state.served is None or (state.current is None and enrolment is None):
        return
    outline = state.served.outline
    assert browser.get(reverse("course", args=[state.slug]), follow=True).status_code == 200
    shown = [
        str(entry.version.item)
        for entry in ReleaseItem.objects.filter(release=state.served).select_related("version")
    ]
    assert [entry["key"] for entry in outline["items"]] == shown
    if enrolment is None:
        return
    assert browser.get(reverse("dashboard")).status_code == 200
    for entry in outline["items"]:
        page = browser.get(reverse("item", args=[state.slug, entry["slug"]]))
        assert page.status_code == 200, (entry["slug"], page.status_code)
        assert [row["title"] for row in page.context["outline"]] == [
            item["titles"]["th"] for item in outline["items"]
        ]


def turned_away(state: CourseState) -> None:
    """Whoever is not enrolled gets nothing of a course that is not on offer, and cannot enrol."""
    stranger = Client()
    stranger.force_login(UserFactory())
    slug = state.slug or "-"
    for address in (reverse("course", args=[slug]), reverse("course_resume", args=[slug])):
        assert stranger.get(address, follow=True).status_code == 404
    assert stranger.post(reverse("enrol", args=[slug])).status_code == 404
    for entry in state.served.outline["items"] if state.served else []:
        address = reverse("item", args=[slug, entry["slug"]])
        assert stranger.get(address).status_code == 404, entry["slug"]
