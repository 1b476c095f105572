"""Vectors on PostgreSQL are compressed by LZ4 where the server has it. The older method looks at the
first kilobyte alone, finds a table of offsets there that does not compress, and gives up."""

from django.db import migrations

WITH_LZ4 = "SELECT 1 FROM pg_settings WHERE name = 'default_toast_compression' AND 'lz4' = ANY(enumvals)"


def compress_by(method):
    def change(apps, schema_editor):
        if schema_editor.connection.vendor != "postgresql":
            return
        with schema_editor.connection.cursor() as cursor:
            cursor.execute(WITH_LZ4)
            if cursor.fetchone():
                cursor.execute(
                    f"ALTER TABLE search_terms ALTER COLUMN vector SET COMPRESSION {method}"
                )

    return change


class Migration(migrations.Migration):
    dependencies = [("search", "0002_engine_tables")]

    operations = [migrations.RunPython(compress_by("lz4"), compress_by("default"))]
