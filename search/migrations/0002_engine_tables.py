"""The tables of the engine that lives in this database."""

from django.db import migrations

SQLITE_CREATE = [
    """CREATE VIRTUAL TABLE search_fts USING fts5(t, b, tg, bg,
    tokenize = "unicode61 remove_diacritics 0 categories 'L* M* N* Co'")""",
    "CREATE VIRTUAL TABLE search_vocabulary USING fts5vocab(search_fts, row)",
    "CREATE TABLE search_term_count (term text PRIMARY KEY, passages integer NOT NULL) WITHOUT ROWID",
]
SQLITE_DROP = [
    "DROP TABLE IF EXISTS search_term_count",
    "DROP TABLE IF EXISTS search_vocabulary", "DROP TABLE IF EXISTS search_fts"]
POSTGRES_CREATE = [
    """CREATE TABLE search_terms (
        passage_id bigint PRIMARY KEY, title_words text NOT NULL, body_words text NOT NULL,
        title_text text NOT NULL, body_text text NOT NULL, vector tsvector NOT NULL)""",
    "CREATE INDEX search_terms_vector ON search_terms USING gin (vector) WITH (fastupdate = off)",
    "CREATE TABLE search_term_count (term text PRIMARY KEY, passages integer NOT NULL)",
    """CREATE TABLE search_figures (
        passages bigint NOT NULL, title_length double precision NOT NULL,
        body_length double precision NOT NULL)""",
]
POSTGRES_DROP = [
    "DROP TABLE IF EXISTS search_figures",
    "DROP TABLE IF EXISTS search_term_count",
    "DROP TABLE IF EXISTS search_terms",
]
STATEMENTS = {
    "sqlite": (SQLITE_CREATE, SQLITE_DROP),
    "postgresql": (POSTGRES_CREATE, POSTGRES_DROP),
}


def run(which):
    def change(apps, schema_editor):
        for statement in STATEMENTS.get(schema_editor.connection.vendor, ([], []))[which]:
            schema_editor.execute(statement)

    return change


class Migration(migrations.Migration):
    dependencies = [("search", "0001_passages")]

    operations = [migrations.RunPython(run(0), run(1))]
