"""Forms as a browser sends them: every hidden field, something in every text, the first choice."""

from bs4 import BeautifulSoup

LETTERS = "กขคงจฉชซญดตถทนบปผพมยรลวสหอ"


def long_text(seed: str, chars: int = 260) -> str:
    """Words that nobody else uses: no two seeds share five characters in a row for long."""
    number = sum((i + 1) * ord(c) for i, c in enumerate(seed)) + 7919
    letters = []
    while len(letters) < chars:
        number = (number * 48271 + 11) % 2147483647
        letters.append(LETTERS[number % len(LETTERS)])
        if len(letters) % 9 == 0:
            letters.append(" ")
    return "".join(letters)


def form_in(html: str, **typed) -> dict:
    """What a browser would send of the item's first form, with these fields filled in."""
    form = BeautifulSoup(html, "html.parser").select_one(".player-item form[method=post]")
    values = {i["name"]: i.get("value", "") for i in form.select("input[type=hidden]")}
    for area in form.select("textarea"):
        least = int(area.get("data-min-chars") or 60)  # the token makes it everybody's own
        values[area["name"]] = long_text(area["name"] + values["csrfmiddlewaretoken"], least * 2)
    for group in form.select("fieldset"):
        options = group.select("input[type=radio], input[type=checkbox]")
        if options:
            values[options[0]["name"]] = options[0]["value"]
    for button in form.select("button[type=submit][name]")[:1]:
        values[button["name"]] = button["value"]
    return values | typed
