"""Notifications: told once, in one's language, mailed as one wishes."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core import mail
from django.core.management import call_command
from django.utils import timezone

from activities.core import mailing, notices
from activities.core.models import NoticePreference, Notification
from tests.factories.people import UserFactory

pytestmark = pytest.mark.django_db

ORDINARY = notices.Notice("test_ordinary", "Ordinary", "%(who)s wrote in “%(item)s”.")
URGENT = notices.Notice("test_urgent", "Urgent", "It cannot wait: %(item)s.", urgent=True)

BANGKOK = ZoneInfo("Asia/Bangkok")
MORNING = datetime(2026, 11, 24, 9, 30, tzinfo=BANGKOK)


@pytest.fixture(autouse=True)
def kinds():
    before = dict(notices._notices)
    notices.register(ORDINARY, URGENT)
    yield
    notices._notices.clear()
    notices._notices.update(before)


def tell(user, n=1, kind="test_ordinary", **options):
    options.setdefault("params", {"who": "Arunee", "item": {"th": "อภิปราย", "en": "Discussion"}})
    return notices.notify(user, kind, key=f"{kind}-{n}", url="/th/learn/x/", **options)


def wish(user, email, muted=()):
    NoticePreference.objects.create(user=user, email=email, muted=list(muted))


def test_the_same_thing_is_told_once():
    user = UserFactory()
    assert len(tell(user)) == 1
    assert tell(user) == []
    assert Notification.objects.filter(user=user).count() == 1


def test_several_people_and_nobody():
    people = UserFactory.create_batch(2)
    assert len(tell(people)) == 2
    assert tell(None, 2) == []


def test_a_kind_that_is_not_registered_is_an_error():
    with pytest.raises(KeyError):
        notices.notify(UserFactory(), "no_such_kind", key="x")


def test_the_same_name_for_two_kinds_is_an_error():
    with pytest.raises(ValueError, match="test_ordinary"):
        notices.register(notices.Notice("test_ordinary", "Another", "Another"))


def test_the_sentence_and_the_address_are_in_the_readers_language():
    (row,) = tell(UserFactory())
    assert notices.sentence(row, "th") == "Arunee wrote in “อภิปราย”."
    assert notices.sentence(row, "en") == "Arunee wrote in “Discussion”."
    assert notices.address(row, "en") == "/en/learn/x/"


def test_the_count_in_the_header_follows():
    user = UserFactory()
    tell(user, 1), tell(user, 2)
    user.refresh_from_db()
    assert user.unread_notices == 2
    assert notices.mark_read(user) == 2
    user.refresh_from_db()
    assert user.unread_notices == 0


def test_what_cannot_wait_is_mailed_at_once(django_capture_on_commit_callbacks):
    user = UserFactory(preferred_language="en")
    with django_capture_on_commit_callbacks(execute=True):
        tell(user, kind="test_urgent")
    (message,) = mail.outbox
    assert message.subject == "It cannot wait: Discussion."
    assert "/en/learn/x/" in message.body
    assert Notification.objects.get(user=user).mailed_at is not None


def test_news_come_together_once_a_day():
    user = UserFactory(preferred_language="en")
    tell(user, 1), tell(user, 2)
    assert mailing.send_waiting(MORNING) == 1
    assert mail.outbox[0].subject == "2 things are new"
    assert mail.outbox[0].body.count("Arunee wrote") == 2
    tell(user, 3)
    assert mailing.send_waiting(MORNING + timedelta(hours=2)) == 0
    assert mailing.send_waiting(MORNING + timedelta(days=1)) == 1


def test_one_message_each_for_who_wants_it():
    user = UserFactory()
    wish(user, NoticePreference.Email.EACH)
    tell(user, 1)
    assert mailing.send_waiting(MORNING) == 1
    tell(user, 2)
    assert mailing.send_waiting(MORNING + timedelta(hours=1)) == 1


def test_nothing_for_who_wants_none_or_has_muted_it():
    never, muted = UserFactory(), UserFactory()
    wish(never, NoticePreference.Email.NEVER)
    wish(muted, NoticePreference.Email.EACH, ["test_ordinary"])
    tell([never, muted])
    assert mailing.send_waiting(MORNING) == 0
    assert mail.outbox == []


def test_what_was_read_is_not_mailed():
    user = UserFactory()
    tell(user)
    notices.mark_read(user)
    assert mailing.send_waiting(MORNING) == 0


@pytest.mark.parametrize(
    ("at", "silent"),
    [
        (datetime(2026, 11, 24, 6, 59, tzinfo=BANGKOK), True),
        (datetime(2026, 11, 24, 7, 0, tzinfo=BANGKOK), False),
        (datetime(2026, 11, 24, 19, 59, tzinfo=BANGKOK), False),
        (datetime(2026, 11, 24, 20, 0, tzinfo=BANGKOK), True),
        (datetime(2027, 1, 1, 10, 0, tzinfo=BANGKOK), True),  # New Year
        (datetime(2027, 4, 13, 10, 0, tzinfo=BANGKOK), True),  # Songkran
    ],
)
def test_quiet_hours_and_public_holidays(at, silent):
    assert mailing.quiet(at) is silent


def test_at_night_only_what_cannot_wait():
    user = UserFactory(preferred_language="en")
    wish(user, NoticePreference.Email.EACH)
    tell(user), tell(user, kind="test_urgent")
    assert mailing.send_waiting(datetime(2026, 11, 24, 23, 0, tzinfo=BANGKOK)) == 1
    assert mail.outbox[0].subject.startswith("It cannot wait")


def test_a_mail_server_that_is_down_loses_nothing(settings):
    user = UserFactory()
    tell(user)
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
    assert mailing.send_waiting(MORNING) == 0
    assert Notification.objects.get(user=user).mailed_at is None


def test_the_command_says_what_it_did(capsys, time_machine):
    time_machine.move_to(MORNING, tick=False)
    tell(UserFactory())
    call_command("send_notices")
    assert capsys.readouterr().out == "Sent 1 message.\n"


def test_a_kind_that_is_gone_is_left_out():
    user = UserFactory()
    Notification.objects.create(user=user, kind="gone", key="x", created_at=timezone.now())
    mailing.send_waiting(MORNING)
    assert mail.outbox == []


@pytest.mark.parametrize(
    ("hour", "start", "end", "silent"),
    [
        (12, 11, 13, True),  # a rest in the middle of the day
        (13, 11, 13, False),  # an instant belongs to what follows
        (22, 23, 6, False),
        (23, 23, 6, True),
        (3, 0, 0, False),  # the same time twice: no hours of rest
    ],
)
def test_hours_of_rest_are_each_persons_own(hour, start, end, silent):
    own = NoticePreference(quiet_from=time(start), quiet_until=time(end))
    assert mailing.quiet(datetime(2026, 11, 24, hour, 0, tzinfo=BANGKOK), own) is silent


def test_a_pause_holds_until_its_end():
    until = datetime(2026, 11, 25, 9, 0, tzinfo=BANGKOK)
    own = NoticePreference(paused_until=until)
    assert mailing.quiet(until - timedelta(minutes=1), own)
    assert not mailing.quiet(until, own)
