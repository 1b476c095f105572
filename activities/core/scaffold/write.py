"""Names of a new package, and its files."""

import keyword
import re
import struct
from dataclasses import dataclass
from pathlib import Path

from activities.core import plugins, registry
from activities.core.enums import Category

from .words import WORDS

FILES = Path(__file__).parent / "files"
ENDING = "-tpl"
NAME = re.compile(r"[a-z][a-z0-9_]{2,29}")


class BadName(ValueError):
    """A package of this name cannot be made; the message says why."""


@dataclass(frozen=True)
class Plan:
    """What the new package is called everywhere."""

    name: str
    category: str
    label: str
    label_th: str

    @property
    def package(self) -> str:
        return f"sala_{self.name}"

    @property
    def distribution(self) -> str:
        return self.package.replace("_", "-")

    @property
    def class_name(self) -> str:
        return "".join(part.capitalize() for part in self.name.split("_"))

    def filled(self, text: str) -> str:
        values = {
            "name": self.name,
            "package": self.package,
            "distribution": self.distribution,
            "Class": self.class_name,
            "model": f"{self.class_name.lower()}page",
            "category": self.category,
            "CATEGORY": self.category.upper(),
            "label": self.label,
            "label_lower": self.label[:1].lower() + self.label[1:],
            "label_th": self.label_th,
            "api": str(registry.API),
        }
        for key, value in values.items():
            text = text.replace(f"@@{key}@@", value)
        return text


def plan(name: str, category: str, label: str = "", label_th: str = "") -> Plan:
    """The names of a new package. Raises `BadName`."""
    if not NAME.fullmatch(name) or name.endswith("_") or "__" in name:
        raise BadName(
            f"{name!r} cannot be the name of a kind: 3 to 30 small letters, digits and single _, "
            "beginning with a letter, for example field_visit."
        )
    if keyword.iskeyword(name) or name in plugins.RESERVED_LABELS | plugins.RESERVED_PACKAGES:
        raise BadName(f"{name!r} means something else already. Choose another name.")
    if registry.find(name) is not None:
        raise BadName(f"There is a kind {name!r} already. Choose another name.")
    if category not in Category.values:
        raise BadName(
            f"{category!r} is no category. There are only {', '.join(Category.values)}, because the "
            "60/40 rule counts by them."
        )
    label = label.strip() or name.replace("_", " ").capitalize()
    label_th = label_th.strip() or f"กิจกรรม {label}"
    for text in (label, label_th):
        if '"' in text or "\\" in text or "\n" in text:
            raise BadName(f"{text!r} cannot be a label: leave out quotation marks and backslashes.")
    return Plan(name, category, label, label_th)


def write(plan: Plan, directory: Path) -> list[Path]:
    """Write the package into a new folder below `directory`. Raises `BadName` when it is there."""
    root = directory / plan.distribution
    if root.exists() and any(root.iterdir()):
        raise BadName(f"{root} is there already and not empty. Choose another --directory.")
    written = []
    for source in sorted(FILES.rglob(f"*{ENDING}")):
        place = plan.filled(str(source.relative_to(FILES)).removesuffix(ENDING))
        target = root / place
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(plan.filled(source.read_text(encoding="utf-8")), encoding="utf-8")
        written.append(target)
    folder = root / plan.package / "locale" / "th" / "LC_MESSAGES"
    folder.mkdir(parents=True, exist_ok=True)
    words = {plan.filled(said): plan.filled(thai) for said, thai in WORDS.items()}
    (folder / "django.po").write_text(catalogue(words), encoding="utf-8")
    (folder / "django.mo").write_bytes(compiled(words))
    return [*written, folder / "django.po", folder / "django.mo"]


HEADER = (
    "Language: th\nMIME-Version: 1.0\nContent-Type: text/plain; charset=UTF-8\n"
    "Content-Transfer-Encoding: 8bit\nPlural-Forms: nplurals=1; plural=0;\n"
)


def quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


def catalogue(words: dict[str, str]) -> str:
    """The words as gettext's readable file."""
    lines = ['msgid ""', f"msgstr {quoted(HEADER)}", ""]
    for said, thai in words.items():
        lines += [f"msgid {quoted(said)}", f"msgstr {quoted(thai)}", ""]
    return "\n".join(lines)


def compiled(words: dict[str, str]) -> bytes:
    """The words as gettext's compiled file (GNU gettext manual, “The Format of GNU MO Files”)."""
    pairs = sorted((a.encode(), b.encode()) for a, b in {"": HEADER, **words}.items())
    start = 28 + 16 * len(pairs)
    ids, texts, data = [], [], b""
    for n, table in enumerate((ids, texts)):
        for pair in pairs:
            table.append((len(pair[n]), start + len(data)))
            data += pair[n] + b"\0"
    head = struct.pack("<7I", 0x950412DE, 0, len(pairs), 28, 28 + 8 * len(pairs), 0, start)
    return head + b"".join(struct.pack("<2I", *entry) for entry in (*ids, *texts)) + data
