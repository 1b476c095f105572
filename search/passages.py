"""Cutting long texts into passages."""

LONGEST = 1500


def parts(text: str, longest: int = LONGEST) -> list[str]:
    """A text in parts of at most `longest` characters, cut at the end of a paragraph if there is one
    in the second half, else between words. Empty texts have no parts."""
    text = text.strip()
    found = []
    while len(text) > longest:
        cut = text.rfind("\n", longest // 2, longest)
        if cut < 0:
            cut = text.rfind(" ", longest // 2, longest)
        if cut < 0:
            cut = longest
        found.append(text[:cut].strip())
        text = text[cut:].strip()
    return [*found, text] if text else found
