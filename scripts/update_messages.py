"""Bring locale/th up to date with the sources. A new message is empty, never guessed."""

import sys
import tempfile
from pathlib import Path

import extraction
import polib


def main() -> int:
    if not extraction.available():
        print("`make messages` needs gettext: apt-get install gettext, or brew install gettext.")
        return 1
    target = extraction.ROOT / extraction.CATALOGUE
    with tempfile.TemporaryDirectory() as folder:
        extraction.extract(extraction.copy_of_sources(Path(folder)))
        catalogue = polib.pofile(str(Path(folder) / extraction.CATALOGUE), wrapwidth=100)
    catalogue.metadata = {
        "Project-Id-Version": "sala",
        "Language": "th",
        "MIME-Version": "1.0",
        "Content-Type": "text/plain; charset=UTF-8",
        "Content-Transfer-Encoding": "8bit",
        "Plural-Forms": "nplurals=1; plural=0;",
    }
    catalogue.metadata_is_fuzzy = False
    catalogue.header = "Sala in Thai. `make messages` keeps this file in step with the sources."
    for entry in catalogue:
        entry.previous_msgid = entry.previous_msgid_plural = entry.previous_msgctxt = None
        if entry.fuzzy:
            # msgmerge's guess would be shown by nobody and overlooked by everybody.
            entry.flags.remove("fuzzy")
            entry.msgstr = ""
            entry.msgstr_plural = dict.fromkeys(entry.msgstr_plural, "")
    used = [entry for entry in catalogue if not entry.obsolete]
    catalogue[:] = used
    target.parent.mkdir(parents=True, exist_ok=True)
    catalogue.save(str(target))
    print(
        f"{extraction.CATALOGUE}: {len(used)} messages, {len(catalogue.untranslated_entries())} to translate"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
