"""Passages to search, from a source that is as real as the site's own."""

from dataclasses import replace

from django.utils import timezone

from search.contract import COURSE, PEOPLE, PUBLIC, Passage, Viewer

AUDIENCE = "course:c1"
POSTS = "posts:k:i:0"
ENROLLED = Viewer(tokens=frozenset([AUDIENCE]))
DISCUSSING = Viewer(tokens=frozenset([AUDIENCE, POSTS]))
MANAGER = Viewer(scopes=frozenset([PUBLIC, COURSE]))


def passage(name: str, title: str, body: str = "", **values) -> Passage:
    language = values.pop("language", "th")
    return Passage(
        key=f"{name}:{language}",
        unit=name,
        title=title,
        body=body,
        kind=values.pop("kind", "lesson"),
        language=language,
        url=f"/{language}/{name}/",
        updated=timezone.now(),
        **values,
    )


def shelf() -> list[Passage]:
    """A course with public facts, a body for the enrolled, a post for a group, and an article."""
    facts = {"labels": {"group": ("service",), "type": ("course",)}, "course": "c1"}
    return [
        passage("c1", "รู้ทันภัยไซเบอร์", "หลักสูตรสำหรับผู้ทำงานด้านบริการ ปี 2567", kind="course", **facts),
        passage(
            "c1-l1",
            "อีเมลหลอกลวง",
            "ก่อนกดลิงก์ให้อ่านชื่อโดเมนจากขวาไปซ้าย แล้วโทรถามผู้ส่ง ใช้ AI ช่วยตรวจ",
            scope=COURSE,
            audience=AUDIENCE,
            course="c1",
            trail=("รู้ทันภัยไซเบอร์",),
            labels={"group": ("service",), "type": ("lesson",)},
        ),
        passage(
            "c1-post",
            "อภิปราย",
            "ผมเคยได้รับข้อความปลอมจากธนาคารมะม่วงทอง",
            kind="post",
            scope=PEOPLE,
            audience=POSTS,
            course="c1",
            labels={"type": ("post",)},
        ),
        passage("about", "ติดต่อเรา", "ศูนย์ช่วยเหลือเปิดทุกวันทำการ โทร 1313", kind="page"),
    ]


class Shelf:
    """A source whose passages a test may change."""

    name = "shelf"

    def __init__(self, passages=None):
        self.by_group = {"one": shelf() if passages is None else passages}

    def groups(self):
        return [(group, self.stamp(group)) for group in self.by_group]

    def stamp(self, group):
        rows = self.by_group.get(group)
        return None if rows is None else str(hash(tuple((r.key, r.title, r.body) for r in rows)))

    def passages(self, group):
        return list(self.by_group[group])

    def viewer(self, user):
        return Viewer()

    def facet_labels(self, language):
        return {"group": {"service": "ผู้ทำงานด้านบริการ"}}

    def change(self, name: str, **values):
        rows = self.by_group["one"]
        self.by_group["one"] = [replace(row, **values) if row.unit == name else row for row in rows]
