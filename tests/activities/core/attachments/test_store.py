"""What is attached: kept once, described, taken off, delivered, forgotten."""

import socket
import threading
import uuid
from datetime import timedelta

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import override

from activities.core import privacy
from activities.core.attachments import scanning, store
from activities.core.errors import Refused
from activities.core.models import Attachment, StoredFile
from tests.factories import uploads
from tests.factories.disks import FullStorage
from tests.factories.uploads import upload

pytestmark = pytest.mark.django_db
PURPOSE = "worksheet-evidence"


@pytest.fixture(autouse=True)
def in_english():
    with override("en"):
        yield


@pytest.fixture
def owner(participation):
    return participation


def text(words="บันทึก", name="notes.txt"):
    return upload(name, words.encode())


def test_files_are_kept_and_listed_in_their_order(owner):
    store.attach(owner, PURPOSE, [text("หนึ่ง", "1.txt"), text("สอง", "2.txt")])
    store.attach(owner, "other", [text("สาม", "3.txt")])
    found = store.listed(owner, [PURPOSE])
    assert [one.name for one in found] == ["1.txt", "2.txt"]
    assert found[0].stored.file.open().read().decode() == "หนึ่ง"


def test_no_path_holds_a_persons_id_or_a_name(owner):
    store.attach(owner, PURPOSE, [text(name="สมชาย.txt")])
    path = StoredFile.objects.get().file.name
    digest = StoredFile.objects.get().digest
    assert path.startswith(f"{digest[:2]}/{digest}-") and path.endswith(".txt")


def test_the_same_content_is_stored_once_and_attached_once(owner):
    store.attach(owner, PURPOSE, [text(), text(name="again.txt")])
    store.attach(owner, PURPOSE, [text()])
    store.attach(owner, "other", [text()])
    assert StoredFile.objects.count() == 1 and Attachment.objects.count() == 2
    stored = StoredFile.objects.get()
    with pytest.raises(IntegrityError), transaction.atomic():
        Attachment.objects.create(owner=owner, purpose=PURPOSE, stored=stored, name="x")
    with pytest.raises(ValidationError):
        stored.save()


def test_all_files_of_a_sending_or_none(owner):
    with pytest.raises(Refused) as error:
        store.attach(owner, PURPOSE, [text(), upload("run.exe", b"MZ")])
    assert error.value.code == "not_allowed" and not Attachment.objects.exists()


def test_five_files_and_no_more(owner):
    for n in range(5):
        store.attach(owner, PURPOSE, [text(f"แฟ้มที่ {n}")])
    with pytest.raises(Refused) as error:
        store.attach(owner, PURPOSE, [text("อีกแฟ้ม")])
    assert error.value.code == "too_many" and "At most 5" in error.value.message
    store.detach(owner, store.listed(owner, [PURPOSE])[0].key)
    store.attach(owner, PURPOSE, [text("อีกแฟ้ม")])


def test_a_form_without_a_file(owner):
    with pytest.raises(Refused) as error:
        store.attach(owner, PURPOSE, [])
    assert error.value.code == "no_file"


def test_a_picture_is_described(owner):
    (one,) = store.attach(owner, PURPOSE, [upload("a.jpg", uploads.picture())])
    assert store.lacking(store.listed(owner, [PURPOSE])) == [one]
    with pytest.raises(Refused) as error:
        store.describe(owner, one.key, " x ")
    assert f"alt-{one.key}" in error.value.fields
    store.describe(owner, one.key, "ผัง   ขั้นตอนบริการ")
    assert store.listed(owner, [PURPOSE])[0].alt == "ผัง ขั้นตอนบริการ"
    assert store.lacking(store.listed(owner, [PURPOSE])) == []


def test_somebody_elses_file_is_not_there(owner, other):
    (one,) = store.attach(owner, PURPOSE, [text()])
    for key in (one.key, "no-key", uuid.uuid4()):
        with pytest.raises(Refused) as error:
            store.own(other, key)
        assert error.value.status == 404


def test_it_is_delivered_as_something_to_be_kept(owner):
    (one,) = store.attach(owner, PURPOSE, [upload("แผน.pdf", uploads.pdf())])
    response = store.deliver(one, name="งาน-1.pdf").response()
    assert response["Content-Type"] == "application/pdf"
    assert response["Content-Disposition"].startswith("attachment;")
    assert "%E0%B8%87%E0%B8%B2%E0%B8%99-1.pdf" in response["Content-Disposition"]
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Cache-Control"] == "private, no-store"
    assert b"".join(response.streaming_content).startswith(b"%PDF-")


def test_what_nobody_refers_to_goes_after_a_day(owner):
    (one,) = store.attach(owner, PURPOSE, [text()])
    storage, path = one.stored.file.storage, one.stored.file.name
    now = timezone.now()
    assert store.drop_orphans(now + timedelta(days=2)) == 0
    one.delete()
    assert store.drop_orphans(now) == 0 and storage.exists(path)


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_its_bytes_go_with_the_last_reference(owner):
    (one,) = store.attach(owner, PURPOSE, [text("ลบได้")])
    storage, path = one.stored.file.storage, one.stored.file.name
    one.delete()
    assert store.drop_orphans(timezone.now() + timedelta(days=2)) == 1
    assert not storage.exists(path) and not StoredFile.objects.exists()


def test_export_and_erasure(owner, other):
    with time_machine.travel("2026-11-20T09:00:00+07:00", tick=False):
        store.attach(owner, PURPOSE, [text()])
        store.attach(other, PURPOSE, [text("ของอีกคน")])
    records = next(one for one in privacy.all_records() if one.name == "attachments")
    (row,) = records.export(owner.user)
    assert (row["name"], row["purpose"]) == ("notes.txt", PURPOSE)
    assert row["sent_at"].startswith("2026-11-20T02:00")
    records.erase(owner.user)
    records.erase(owner.user)
    assert records.export(owner.user) == []
    assert Attachment.objects.count() == StoredFile.objects.count() == 1


def finds_nothing(data, name):
    return None


def finds_something(data, name):
    return "Eicar-Test"


def breaks(data, name):
    raise TimeoutError


@pytest.mark.parametrize(
    ("scanner", "status", "code"),
    [(finds_something, 422, "infected"), (breaks, 503, "not_scanned")],
)
def test_the_scanner_of_the_site_is_asked(owner, settings, scanner, status, code):
    settings.LMS_ATTACHMENT_SCANNER = f"{__name__}.{scanner.__name__}"
    with pytest.raises(Refused) as error:
        store.attach(owner, PURPOSE, [text()])
    assert (error.value.status, error.value.code) == (status, code)
    settings.LMS_ATTACHMENT_SCANNER = f"{__name__}.finds_nothing"
    assert store.attach(owner, PURPOSE, [text()])


@pytest.fixture
def full_disk(monkeypatch, tmp_path):
    monkeypatch.setattr(
        StoredFile._meta.get_field("file"), "storage", FullStorage(location=tmp_path)
    )
    return tmp_path


def test_a_full_disk_is_a_message_and_leaves_nothing_half(owner, full_disk):
    with pytest.raises(Refused) as error:
        store.attach(owner, PURPOSE, [text(), text("อีกแฟ้ม", "2.txt")])
    assert (error.value.status, error.value.code) == (503, "not_kept")
    assert "What you wrote is kept" in error.value.message
    assert not StoredFile.objects.exists() and not Attachment.objects.exists()
    assert not [path for path in full_disk.rglob("*") if path.is_file()]


@pytest.fixture
def daemon(settings):
    """Speaks as much of clamd's protocol as is asked of it; answers what `said` holds."""
    said, heard = [], []
    server = socket.create_server(("127.0.0.1", 0))
    settings.LMS_CLAMAV_ADDRESS = f"127.0.0.1:{server.getsockname()[1]}"

    def serve():
        while True:
            try:
                connection, _address = server.accept()
            except OSError:
                return
            with connection:
                data = b""
                while not data.endswith(bytes(4)):
                    data += connection.recv(4096)
                heard.append(data)
                connection.sendall(said.pop(0))

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield said, heard
    server.close()


def test_clamav_answers(daemon):
    said, heard = daemon
    said += [b"stream: OK\0", b"stream: Eicar-Test FOUND\0", b"INSTREAM size limit exceeded\0"]
    assert scanning.clamav(b"good", "a") is None
    assert heard[0] == b"zINSTREAM\0" + b"\0\0\0\x04good" + bytes(4)
    assert scanning.clamav(b"bad", "a") == "Eicar-Test"
    with pytest.raises(ConnectionError):
        scanning.clamav(b"long", "a")
