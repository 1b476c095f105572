"""Certificates issued again: versions, what the old one says, who may, and the list."""

import threading

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation

from activities.core.errors import Refused
from activities.core.models import Notification
from courses.certificates import privacy
from courses.certificates.issue import issue, reissue, revoke, url_of
from courses.certificates.models import Certificate
from courses.enrolment.models import Enrolment
from tests.factories.people import UserFactory

from .conftest import complete

WHY = "ชื่อเดิมสะกดผิด จึงออกให้ใหม่"


def url(name, *args, language="en"):
    with translation.override(language):
        return reverse(name, args=args)


def test_a_new_version_takes_the_place_of_the_old(client, issued, manager, holder):
    made = reissue(issued, holder="  อรุณี   ใจงาม ", by=manager, reason=WHY)
    assert (made.version, made.supersedes, made.holder) == (2, issued, "อรุณี ใจงาม")
    assert (made.state, issued.state) == ("valid", "superseded")
    assert made.code != issued.code
    assert (made.total_minutes, made.completed_at) == (issued.total_minutes, issued.completed_at)
    assert url_of(made.enrolment).endswith(f"{made.code}/")
    assert issue(made.enrolment) == made
    assert Notification.objects.filter(user=holder, kind="certificate_reissued").count() == 1
    page = client.get(url("certificate_verify", issued.code)).content.decode()
    assert "This certificate has been replaced" in page and made.number in page
    assert WHY not in page
    fresh = client.get(url("certificate_verify", made.code)).content.decode()
    assert "This certificate is genuine and valid" in fresh
    client.force_login(holder)
    assert client.get(url("certificate_pdf", issued.code)).status_code == 410


def test_a_revoked_one_can_be_issued_again(issued, manager):
    revoke(issued, by=manager, reason=WHY)
    made = reissue(issued, holder=issued.holder, by=manager, reason=WHY)
    assert made.state == "valid"
    issued.refresh_from_db()
    assert issued.state == "superseded" and issued.revoke_reason == WHY


def test_only_the_newest_can_be_replaced(issued, manager):
    reissue(issued, holder="ก ข", by=manager, reason=WHY)
    with translation.override("en"), pytest.raises(Refused) as refused:
        reissue(issued, holder="ค ง", by=manager, reason=WHY)
    assert (refused.value.status, refused.value.message) == (
        409,
        "This certificate was replaced already. Look at the newest one.",
    )
    revoke(issued, by=manager, reason=WHY)
    issued.refresh_from_db()
    assert issued.revoked_at is None


def test_the_database_keeps_one_valid_certificate(issued):
    copy = Certificate.objects.get(pk=issued.pk)
    copy.pk, copy.code, copy.version, copy.issue_reason = None, "A" * 16, 2, "x"
    with pytest.raises(IntegrityError), transaction.atomic():
        copy.save(force_insert=True)


def test_managers_only(client, issued, manager, teacher, holder):
    data = {"holder": "อรุณี ใจงาม", "reason": WHY}
    address = url("certificate_reissue", issued.code)
    assert client.post(address, data).status_code == 403, "what was typed is kept until sign-in"
    for person in (holder, teacher, UserFactory()):
        client.force_login(person)
        assert client.post(address, data).status_code == 404
    assert Certificate.objects.count() == 1
    client.force_login(manager)
    answer = client.post(address, data, follow=True)
    assert "issued again" in answer.content.decode() and WHY in answer.content.decode()


@pytest.mark.parametrize(
    "data, said",
    [
        ({"holder": " ", "reason": WHY}, "Write the name as it should stand on the certificate"),
        ({"holder": "อรุณี", "reason": "no"}, "Give a reason of at least 10 characters"),
    ],
)
def test_refusals_keep_what_was_typed(client, issued, manager, data, said):
    client.force_login(manager)
    answer = client.post(url("certificate_reissue", issued.code), data)
    page = answer.content.decode()
    assert answer.status_code == 422 and said in page
    assert f'value="{data["holder"]}"' in page and f">{data['reason']}</textarea>" in page
    thai = client.post(url("certificate_reissue", issued.code, language="th"), data)
    assert said not in thai.content.decode()


def test_revoking_what_no_longer_holds_changes_nothing(client, issued, manager):
    reissue(issued, holder="ก ข", by=manager, reason=WHY)
    client.force_login(manager)
    answer = client.post(url("certificate_revoke", issued.code), {"reason": WHY}, follow=True)
    assert "nothing was changed" in answer.content.decode()
    issued.refresh_from_db()
    assert issued.revoked_at is None


# -- the list -----------------------------------------------------------------------------------


def test_who_sees_which_certificates(client, issued, manager, teacher, holder):
    address = url("teach_certificates")
    client.force_login(holder)
    assert client.get(address).status_code == 403
    other = UserFactory()
    other.groups.set(teacher.groups.all())
    for person, sees in ((manager, True), (teacher, True), (other, False)):
        client.force_login(person)
        assert (issued.number in client.get(address).content.decode()) is sees


@pytest.mark.parametrize("q", ["อรุณี", "DOC-101", "number", "e-mail"])
def test_search(client, issued, manager, holder, q):
    q = {"number": issued.number.lower(), "e-mail": holder.email}.get(q, q)
    client.force_login(manager)
    address = url("teach_certificates")
    assert issued.number in client.get(address, {"q": q}).content.decode()
    assert "No certificate fits this." in client.get(address, {"q": "zzzz"}).content.decode()
    assert issued.number not in client.get(address, {"state": "revoked"}).content.decode()


def test_the_list_costs_the_same_for_one_and_thirty(client, issued, manager, course_run):
    client.force_login(manager)
    address = url("teach_certificates")

    def queries():
        with CaptureQueriesContext(connection) as found:
            assert client.get(address).status_code == 200
        return len(found)

    client.get(address)
    few = queries()
    for _n in range(30):
        issue(complete(UserFactory(), course_run))
    assert queries() == few <= 8


# -- erasure ------------------------------------------------------------------------------------


def test_an_erased_person_leaves_a_nameless_record(client, issued, holder, manager):
    made = reissue(issued, holder="อรุณี ใจงาม", by=manager, reason=WHY)
    found = privacy.export(holder)
    assert [row["number"] for row in found["certificates"]] == [issued.number, made.number]
    assert privacy.export(manager) == {}
    privacy.erase(holder)
    privacy.erase(holder)
    assert set(Certificate.objects.values_list("holder", flat=True)) == {privacy.ERASED_NAME}
    assert Certificate.objects.get(pk=made.pk).issue_reason == privacy.ERASED_REASON
    page = client.get(url("certificate_verify", made.code)).content.decode()
    assert "genuine and valid" in page and "อรุณี" not in page


@pytest.mark.services("postgresql")
@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_two_managers_at_once_make_one_version(issued, manager):
    start, results = threading.Barrier(2), []

    def press(name):
        try:
            start.wait(10)
            reissue(Certificate.objects.get(pk=issued.pk), holder=name, by=manager, reason=WHY)
            results.append("made")
        except Refused as refused:
            results.append(refused.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=press, args=[name]) for name in ("ก ข", "ค ง")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(results) == ["made", "superseded"]
    assert Certificate.objects.count() == 2
    assert Enrolment.objects.count() == 1
