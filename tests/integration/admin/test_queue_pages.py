"""The pages of django-q2's tables never unpickle: a poisoned row does nothing when it is looked at."""

import pickle
from base64 import b64encode
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django_q.models import Failure, OrmQ, Schedule, Success, Task


class Poison:
    """Writes a file when it is unpickled."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def __reduce__(self) -> tuple[object, tuple[Path]]:
        return Path.touch, (self.file,)


def poison(file: Path, task_id: str) -> None:
    """Write a poisoned pickle into every pickled column, as somebody with access to the database could."""
    text = b64encode(pickle.dumps(Poison(file))).decode()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE django_q_task SET args=%s, kwargs=%s, result=%s WHERE id=%s", [text] * 3 + [task_id])


@pytest.fixture
def poisoned(db: None, tmp_path: Path) -> Path:
    """Poison in every table of django-q2; the file that exists once any of it was executed."""
    file = tmp_path / "executed"
    now = timezone.now()
    for model, task_id, success in ((Success, "good", True), (Failure, "bad", False)):
        model.objects.create(id=task_id, name=task_id, func="os.system", started=now, stopped=now, success=success)
        poison(file, task_id)
    OrmQ.objects.create(key="countersign", payload=pickle.dumps(Poison(file)).decode("latin-1").replace("\0", ""))
    Schedule.objects.create(name="evil", func="os.system", args="'touch x'", next_run=now)
    return file


def test_the_poison_works_when_it_is_read(poisoned: Path) -> None:
    Task.objects.get(pk="good")

    assert poisoned.exists()


def test_no_page_reads_a_pickle(poisoned: Path, superuser: Client) -> None:
    for model in (Success, Failure, OrmQ, Schedule):
        name = model._meta.model_name
        key = model._default_manager.values_list("pk", flat=True)[0]
        for url in (
            reverse(f"admin:django_q_{name}_changelist"),
            reverse(f"admin:django_q_{name}_changelist") + "?q=os",
            reverse(f"admin:django_q_{name}_change", args=[key]),
            reverse(f"admin:django_q_{name}_history", args=[key]),
            reverse(f"admin:django_q_{name}_delete", args=[key]),
        ):
            assert superuser.get(url).status_code in (200, 403), url
            assert not poisoned.exists(), url


def test_the_pages_show_what_is_safe(poisoned: Path, superuser: Client) -> None:
    page = superuser.get(reverse("admin:django_q_schedule_changelist")).content.decode()

    assert "evil" in page
    assert "os.system" in page
    assert "touch x" not in page
