"""Compile every .po below locale, so that a site can be set up without gettext's tools."""

from pathlib import Path

import polib

ROOT = Path(__file__).resolve().parent.parent


def main() -> None:
    for source in sorted(ROOT.glob("locale/**/LC_MESSAGES/*.po")):
        catalogue = polib.pofile(str(source))
        catalogue.save_as_mofile(str(source.with_suffix(".mo")))
        print(
            f"Compiled {source.relative_to(ROOT)}: {len(catalogue.translated_entries())} messages"
        )


if __name__ == "__main__":
    main()
