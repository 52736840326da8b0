from typing import Any

from django.db import migrations

from workflows_app.models import memory


def install(apps: Any, schema_editor: Any) -> None:
    memory.install(schema_editor.connection)


def remove(apps: Any, schema_editor: Any) -> None:
    memory.remove(schema_editor.connection)


class Migration(migrations.Migration):

    dependencies = [
        ('workflows_app', '0004_newest_and_unfinished'),
    ]

    operations = [
        migrations.RunPython(install, remove),
    ]
