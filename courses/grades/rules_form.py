"""Reading the form in which an author says what counts."""

import re
from decimal import Decimal, InvalidOperation

from django.utils.translation import gettext as _

from activities.core.errors import Refused
from activities.core.personal import arabic_digits

from .scheme import (
    LETTERS,
    PASS,
    PENDING,
    PERCENT,
    PLAIN,
    ZERO,
    CategoryRule,
    ItemRule,
    Scheme,
    scored,
    text,
)

MOST_CATEGORIES = 8
MOST_WEIGHT = 1000
KEY = re.compile(r"c\d{1,2}\Z")


class Reader:
    """Collects every mistake of a form before refusing it."""

    def __init__(self, data):
        self.data = data
        self.fields: dict[str, str] = {}

    def typed(self, name: str) -> str:
        return arabic_digits(self.data.get(name, "")).strip().replace(",", ".")

    def number(self, name: str, most: int, message: str, default=None) -> Decimal | None:
        raw = self.typed(name)
        if not raw:
            return default
        try:
            value = Decimal(raw)
        except InvalidOperation:
            value = Decimal(-1)
        if not value.is_finite() or not 0 <= value <= most or value != round(value, 5):
            self.fields[name] = message
            return default
        return value

    def weight(self, name: str, default: Decimal) -> Decimal:
        message = _("A weight is a number from 0 to %(most)d.") % {"most": MOST_WEIGHT}
        return self.number(name, MOST_WEIGHT, message, default)

    def mark(self, name: str) -> Decimal | None:
        message = _("A pass mark is a number from 1 to 100; leave it empty for none.")
        value = self.number(name, 100, message)
        if value is not None and value < 1:
            self.fields[name] = message
        return value


def read(data, outline: dict) -> Scheme:
    """The rules that a form describes. Raises `Refused` with every field that is wrong."""
    form = Reader(data)
    categories = tuple(read_categories(form))
    known = {category.key for category in categories}
    items = {}
    for n, entry in enumerate(scored(outline), start=1):
        category = data.get(f"item-{n}-category") or None
        if category is not None and category not in known:
            form.fields[f"item-{n}-category"] = _("Choose a category that has a name.")
        rule = ItemRule(
            weight=form.weight(f"item-{n}-weight", Decimal(1)),
            category=category,
            pass_mark=form.mark(f"item-{n}-pass"),
        )
        if rule != PLAIN:
            items[entry["key"]] = rule
    scheme = Scheme(
        missing=ZERO if data.get("missing") == ZERO else PENDING,
        scale=data.get("scale") if data.get("scale") in (PASS, LETTERS) else PERCENT,
        pass_mark=form.mark("pass_mark"),
        categories=categories,
        items=items,
    )
    if scheme.scale == PASS and scheme.pass_mark is None and "pass_mark" not in form.fields:
        form.fields["pass_mark"] = _("Pass or fail needs a pass mark: write one, for example 60.")
    if not form.fields and not counts(scheme, outline):
        form.fields["item-1-weight"] = _("At least one item must count: give one a weight above 0.")
    if form.fields:
        raise Refused(
            _("Nothing is saved yet: please check what is marked below."),
            code="invalid",
            status=422,
            fields=form.fields,
        )
    return scheme


def counts(scheme: Scheme, outline: dict) -> bool:
    """Whether any item has weight; a course without scored items has nothing to weigh."""
    weights = {category.key: category.weight for category in scheme.categories}
    rules = [scheme.of(entry["key"]) for entry in scored(outline)]
    return not rules or any(rule.weight * weights.get(rule.category, 1) for rule in rules)


def read_categories(form: Reader):
    seen: set[str] = set()
    for n in range(1, MOST_CATEGORIES + 1):
        names = {
            language: form.data.get(f"category-{n}-{language}", "").strip()[:80]
            for language in ("th", "en")
        }
        names = {language: name for language, name in names.items() if name}
        if not names:
            continue
        key = form.data.get(f"category-{n}-key", "")
        if not KEY.match(key) or key in seen:
            key = f"c{10 + n}"
        seen.add(key)
        drop = form.number(
            f"category-{n}-drop",
            20,
            _("Write how many of the lowest are dropped: 0 to 20."),
            Decimal(0),
        )
        if drop != int(drop):
            form.fields[f"category-{n}-drop"] = _(
                "Write how many of the lowest are dropped: 0 to 20."
            )
        yield CategoryRule(
            key=key,
            names=names,
            weight=form.weight(f"category-{n}-weight", Decimal(1)),
            drop=int(drop),
        )


def initial(scheme: Scheme, outline: dict) -> dict:
    """The form's values for rules: the same names as `read` takes."""
    values = {
        "missing": scheme.missing,
        "scale": scheme.scale,
        "pass_mark": text(scheme.pass_mark) or "",
    }
    for n, category in enumerate(scheme.categories, start=1):
        values |= {
            f"category-{n}-key": category.key,
            f"category-{n}-th": category.names.get("th", ""),
            f"category-{n}-en": category.names.get("en", ""),
            f"category-{n}-weight": text(category.weight),
            f"category-{n}-drop": str(category.drop),
        }
    for n, entry in enumerate(scored(outline), start=1):
        rule = scheme.of(entry["key"])
        values |= {
            f"item-{n}-weight": text(rule.weight),
            f"item-{n}-category": rule.category or "",
            f"item-{n}-pass": text(rule.pass_mark) or "",
        }
    return values
