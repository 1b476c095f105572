"""Works that have much in common are shown to an instructor; nobody is accused, nothing blocked."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from activities.core.attachments import store
from activities.core.errors import Refused
from activities.workshop import similar
from activities.workshop.models import SimilarWorks

from .conftest import KEYS, desk_of, form, long_text, rendered

pytestmark = pytest.mark.django_db


def send(one, **fields):
    one.do("check", "work", **one.worksheet(**{f"field-{k}": v for k, v in fields.items()}))
    one.do("send", "check")
    similar.look(one.work.pk)


def texts(seed) -> dict:
    return {key: long_text(f"{seed}-{key}") for key in KEYS}


def act(kind, learner, action, **data):
    desk = desk_of(learner, now=learner.now)
    with transaction.atomic():
        return kind.desk_handle(desk, f"work-{learner.participation.pk}", action, form(data), {})


@pytest.fixture
def pair(join):
    first, second = join(first_name="คนแรก"), join(first_name="คนที่สอง")
    send(first, **texts("same"))
    send(second, **texts("same") | {"now": long_text("own words")})
    return first, second


def test_the_later_of_two_that_are_alike_is_noted(pair):
    found = SimilarWorks.objects.get()
    assert found.submission == pair[1].work and found.other == pair[0].work
    assert 80 <= found.share < 100
    assert pair[1].work.sent  # nobody is stopped


def test_works_in_own_words_are_not(join):
    for n in range(4):
        send(join(), **texts(n))
    assert not SimilarWorks.objects.exists()


@pytest.mark.parametrize(("same", "found"), [(6, True), (5, True), (4, False)])
def test_four_fifths_is_the_line(join, same, found):
    first, second = join(), join()
    send(first, **texts("a"))
    mixed = texts("b") | dict(list(texts("a").items())[:same])
    send(second, **mixed)
    assert SimilarWorks.objects.exists() is found


def test_repeating_the_task_is_no_likeness(join, version):
    told = version.rules.instructions
    assert similar.shingles_of({"now": told}, version.rules) == set()


def test_another_run_is_never_compared(join):
    import uuid

    send(join(), **texts("same"))
    send(join(cohort=uuid.uuid4()), **texts("same"))
    assert not SimilarWorks.objects.exists()


def test_the_same_file_counts(join):
    people = [join() for _ in range(2)]
    for one in people:
        file = SimpleUploadedFile("a.txt", "แฟ้มเดียวกัน".encode())
        (made,) = store.attach(one.participation, "worksheet-proof", [file])
        one.send()
        work = one.work
        work.files = {"proof": [made.pk]}
        work.save()
        similar.look(work.pk)
    found = SimilarWorks.objects.get()
    assert found.same_file and found.submission == people[1].work


def test_looking_again_finds_nothing_new_and_keeps_what_was_decided(pair, kind):
    act(kind, pair[1], "looked_similar", pair=SimilarWorks.objects.get().pk, note="ทำด้วยกัน")
    similar.look(pair[1].work.pk)
    assert SimilarWorks.objects.get().note == "ทำด้วยกัน"


def test_the_instructor_reads_both_and_decides_once(pair, kind):
    desk = desk_of(pair[0], now=pair[0].now)
    queue = rendered(kind.desk_screen(desk, "attention"))
    assert "much in common with another work" in queue and "คนที่สอง" in queue
    page = rendered(kind.desk_screen(desk, f"work-{pair[0].participation.pk}"))
    assert "คนที่สอง" in page and "no accusation" in page
    id = SimilarWorks.objects.get().pk
    act(kind, pair[0], "looked_similar", pair=id, note="ใช้แหล่งข้อมูลเดียวกัน")
    with pytest.raises(Refused) as error:
        act(kind, pair[1], "looked_similar", pair=id)
    assert (error.value.status, error.value.code) == (409, "decided")
    assert "Nothing waits for you" in rendered(kind.desk_screen(desk, "attention"))


@pytest.mark.parametrize("bad", ["", "x", "999999", "-1"])
def test_no_such_pair(pair, kind, bad):
    with pytest.raises(Refused) as error:
        act(kind, pair[0], "looked_similar", pair=bad)
    assert error.value.status == 404


def test_learners_hear_nothing_of_it(pair):
    for one in pair:
        assert "in common" not in one.see()


def test_the_database_refuses_nonsense(pair):
    work = pair[0].work
    for values in ({"other": work, "share": 90}, {"other": pair[1].work, "share": 101}):
        with pytest.raises(IntegrityError), transaction.atomic():
            SimilarWorks.objects.create(submission=work, **values)


def test_comparing_with_many_costs_few_queries(version, join):
    import uuid

    from .test_desk import bulk

    cohort = uuid.uuid4()
    bulk(version, cohort, 200)
    one = join(cohort=cohort)
    one.send()
    with CaptureQueriesContext(connection) as queries:
        similar.look(one.work.pk)
    assert len(queries) <= 3
