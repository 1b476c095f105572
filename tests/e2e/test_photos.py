"""A large photo becomes smaller in the browser before it is sent; what cannot be drawn goes as it is."""

import io
import os

import pytest
from PIL import Image
from playwright.sync_api import expect

from activities.core.models import StoredFile

from .test_workshop import ITEM, Person, run  # noqa: F401 - fixture

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.django_db(transaction=True, serialized_rollback=True),
]


def photo(width=3600, height=1800) -> bytes:
    """Noise, which no compression makes small: some megabytes, upright only by its Exif note."""
    noise = Image.frombytes("RGB", (width // 4, height // 4), os.urandom(width * height * 3 // 16))
    note, out = Image.Exif(), io.BytesIO()
    note[0x0112] = 6
    noise.resize((width, height), Image.Resampling.NEAREST).save(
        out, "JPEG", quality=97, exif=note.tobytes()
    )
    return out.getvalue()


def test_a_photo_is_sent_smaller_and_upright(browser, live_server, run):  # noqa: F811
    one = Person(browser, live_server, run, name="ช่างภาพ", language="th", width=360)
    one.go(ITEM)
    one.fill(one.here())
    one.press(one.here().get_by_role("button", name="แนบไฟล์").first)
    one.check()
    data, page = photo(), one.page
    assert 1_500_000 < len(data) < 10_000_000
    page.set_input_files(
        "#files",
        [
            {"name": "หน้างาน.jpg", "mimeType": "image/jpeg", "buffer": data},
            {"name": "เสีย.jpg", "mimeType": "image/jpeg", "buffer": b"\xff\xd8" + b"x" * 1_200_000},
        ],
    )
    status = page.locator("[data-shrink-status]")
    expect(status).to_contain_text("หน้างาน.jpg", timeout=20_000)
    assert "เสีย.jpg" not in status.inner_text()
    sizes = page.evaluate("[...document.querySelector('#files').files].map(f => f.size)")
    assert sizes[0] < len(data) and sizes[1] == 1_200_002
    one.press(one.here().locator("button[value=upload]"))
    assert "เสีย.jpg" in one.here().inner_text(), "the damaged one is refused by its name"

    # Pressed at once: the press waits for the picture.
    page.set_input_files("#files", {"name": "งาน.jpg", "mimeType": "image/jpeg", "buffer": data})
    with page.expect_navigation():
        one.here().locator("button[value=upload]").click()
    assert "งาน.jpg" in one.here().inner_text()
    with StoredFile.objects.latest("pk").file.open() as kept, Image.open(kept) as picture:
        assert picture.size == (1200, 2400)
    assert one.errors == []
