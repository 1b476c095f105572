"""Check that Sala speaks Thai and English completely.

English is the language of the sources; Thai is locale/th. Where gettext's tools are installed, every
message of the sources must be in the catalogue; everywhere, every entry must be translated, not fuzzy,
and name the same placeholders as its source.
"""

import re
import sys
import tempfile
from pathlib import Path

import extraction
import polib

PLACEHOLDER = re.compile(r"%\(\w+\)[a-z]|%[sdif]|%%|(?<!\{)\{\w*\}(?!\})")
TAG = re.compile(r"</?[a-z][a-z0-9]*")
LISTED = 40


def key(entry: polib.POEntry) -> tuple[str | None, str]:
    return entry.msgctxt, entry.msgid


def faults(entry: polib.POEntry) -> list[str]:
    """What is wrong with one entry, in words."""
    where = f"“{entry.msgid[:80]}”"
    if entry.fuzzy:
        return [f"fuzzy: {where}"]
    if not entry.translated():
        return [f"not translated: {where}"]
    found = []
    source = entry.msgid_plural or entry.msgid
    for text in entry.msgstr_plural.values() if entry.msgid_plural else [entry.msgstr]:
        for what, pattern in (("placeholders", PLACEHOLDER), ("markup", TAG)):
            # Word order differs, and “%%” becomes a word in Thai: names count, nothing else.
            ours, theirs = (set(pattern.findall(words)) - {"%%"} for words in (source, text))
            if ours != theirs:
                found.append(f"{what} differ: {where}: {sorted(ours)} / {sorted(theirs)}")
    return found


def missing_from(catalogue: polib.POFile) -> tuple[list[str], int]:
    """Messages of the sources that the catalogue lacks, and how many of its entries nothing uses."""
    with tempfile.TemporaryDirectory() as folder:
        extraction.extract(extraction.copy_of_sources(Path(folder)))
        fresh = polib.pofile(str(Path(folder) / extraction.CATALOGUE))
    have = {key(entry) for entry in catalogue if not entry.obsolete}
    need = {key(entry): entry for entry in fresh if not entry.obsolete}
    missing = [
        f"not in the catalogue: “{entry.msgid[:80]}” ({', '.join(file for file, _line in entry.occurrences)})"
        for message, entry in need.items()
        if message not in have
    ]
    return missing, len(have - set(need))


def main() -> int:
    path = extraction.ROOT / extraction.CATALOGUE
    if not path.exists():
        print(f"{extraction.CATALOGUE} does not exist. Run: make messages")
        return 1
    catalogue = polib.pofile(str(path))
    problems = [fault for entry in catalogue if not entry.obsolete for fault in faults(entry)]
    if extraction.available():
        missing, unused = missing_from(catalogue)
        problems += missing
        if unused:
            print(f"{unused} messages are no longer used. `make messages` removes them.")
    else:
        print("gettext's tools are not installed: the catalogue is not compared with the sources.")
    for line in problems[:LISTED]:
        print(f"  {line}")
    if len(problems) > LISTED:
        print(f"  … and {len(problems) - LISTED} more")
    if problems:
        print(
            f"{extraction.CATALOGUE}: {len(problems)} to mend. Run `make messages`, then translate."
        )
        return 1
    print(
        f"{extraction.CATALOGUE}: {len(catalogue.translated_entries())} messages, all translated."
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
