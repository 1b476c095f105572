"""What is wrong with the HTML of a screen, as far as a machine can see."""

from html.parser import HTMLParser

REFERENCES = ("for", "aria-labelledby", "aria-describedby", "aria-controls", "list")
NO_LABEL = {"hidden", "submit", "button", "reset", "image"}
VOID = set("area base br col embed hr img input link meta source track wbr path use circle".split())


class Reader(HTMLParser):
    def __init__(self):
        super().__init__()
        self.ids: list[str] = []
        self.references: list[tuple[str, str]] = []
        self.labelled: set[str] = set()
        self.fields: list[tuple[str, dict]] = []
        self.headings: list[int] = []
        self.faults: list[str] = []
        self.open: list[str] = []
        self.in_label = 0
        self.forms: list[dict] = []

    def handle_starttag(self, tag, attrs):
        values = {name: value or "" for name, value in attrs}
        if tag not in VOID:
            self.open.append(tag)
        if "id" in values:
            self.ids.append(values["id"])
        for name in REFERENCES:
            for wanted in values.get(name, "").split():
                self.references.append((name, wanted))
        if tag == "label":
            self.in_label += 1
            self.labelled.add(values.get("for", ""))
        if tag in ("input", "select", "textarea") and values.get("type", "text") not in NO_LABEL:
            if not (self.in_label or "aria-label" in values or "aria-labelledby" in values):
                self.fields.append((tag, values))
        if tag in ("h1", "h2", "h3", "h4", "h5", "h6"):
            self.headings.append(int(tag[1]))
        if tag == "script" and not values.get("src"):
            if values.get("type") not in ("application/json", "importmap"):
                self.faults.append("a script stands in the page; put it into a file")
        if tag == "style" or "style" in values:
            self.faults.append("a style stands in the page; put it into a file")
        self.faults += [f"<{tag} {name}> is script" for name in values if name.startswith("on")]
        if tag == "img" and "alt" not in values:
            self.faults.append("a picture has no alt")
        if tag == "form":
            self.forms.append({"method": values.get("method", "get").lower(), "token": False})
        if tag == "input" and values.get("name") == "csrfmiddlewaretoken" and self.forms:
            self.forms[-1]["token"] = True
        for name in ("href", "src", "action"):
            address = values.get(name, "")
            if address.startswith("javascript:"):
                self.faults.append(f"<{tag}> leads to script")
            if name == "src" and address.startswith(("http:", "https:", "//")):
                self.faults.append(f"<{tag}> loads from elsewhere: {address}")

    def handle_endtag(self, tag):
        if tag in VOID:
            return
        if tag == "label":
            self.in_label -= 1
        if tag not in self.open:
            self.faults.append(f"</{tag}> closes nothing")
            return
        while (opened := self.open.pop()) != tag:
            if opened not in ("p", "li", "dt", "dd", "option", "tr", "td", "th", "tbody", "thead"):
                self.faults.append(f"<{opened}> is not closed before </{tag}>")


def faults(html: str) -> list[str]:
    """Sentences, one for each fault: doubled ids, labels and descriptions that lead nowhere, fields
    without a label, headings that skip a level, scripts and styles in the page, forms that can be
    sent without a token, elements that are not closed."""
    reader = Reader()
    reader.feed(html)
    reader.close()
    found = list(reader.faults)
    twice = {name for name in reader.ids if reader.ids.count(name) > 1}
    found += [f"the id {name!r} stands twice" for name in sorted(twice)]
    found += [
        f"{name} names {wanted!r}, which is not there"
        for name, wanted in reader.references
        if wanted not in reader.ids
    ]
    found += [
        f"a field has no label: <{tag} name={values.get('name', '')!r}>"
        for tag, values in reader.fields
        if values.get("id") not in reader.labelled
    ]
    for before, after in zip(reader.headings, reader.headings[1:], strict=False):
        if after > before + 1:
            found.append(f"a heading of level {after} follows one of level {before}")
    for form in reader.forms:
        if form["method"] == "post" and not form["token"]:
            found.append("a form has no {% csrf_token %}")
    return found
