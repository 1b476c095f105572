"""The author's desk: each subject registers its own hooks in its own module, imported here."""
