"""Every table has a list and a page, whatever stands in it, with a fixed number of queries."""

import pytest
from django.contrib import admin
from django.contrib.admin.utils import quote
from django.db import connection, models
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django_q.models import Failure, OrmQ, Schedule, Success

from tests.integration.admin.rows import fill_every_table, own_models

QUEUE = [Schedule, Success, Failure, OrmQ]
MODELS = [*own_models(), *QUEUE]
NAMES = [model._meta.label for model in MODELS]


def list_url(model: type[models.Model]) -> str:
    return reverse(f"admin:{model._meta.label_lower.replace('.', '_')}_changelist")


def page_url(row: models.Model) -> str:
    return reverse(f"admin:{row._meta.label_lower.replace('.', '_')}_change", args=[quote(row.pk)])


def test_every_table_is_registered() -> None:
    assert [model for model in own_models() if not admin.site.is_registered(model)] == []


@pytest.mark.parametrize("model", MODELS, ids=NAMES)
def test_nobody_adds_changes_or_deletes_a_row_by_hand(model: type[models.Model], superuser: Client) -> None:
    page = admin.site.get_model_admin(model)
    request = superuser.get("/").wsgi_request

    assert not page.has_add_permission(request)
    assert not page.has_change_permission(request)
    assert not page.has_delete_permission(request)
    assert page.get_actions(request) == {}


def test_every_list_and_every_page_renders(superuser: Client, contracts: None) -> None:
    fill_every_table()

    for model in MODELS:
        row = model._default_manager.first()
        assert row is not None, f"no row of {model._meta.label} to look at"
        assert superuser.get(list_url(model)).status_code == 200, model
        assert superuser.get(page_url(row)).status_code == 200, model


def test_a_search_works_in_every_list(superuser: Client, contracts: None) -> None:
    fill_every_table()

    for model in MODELS:
        assert superuser.get(list_url(model), {"q": "x"}).status_code == 200, model


def test_a_page_that_is_not_there_leads_back(superuser: Client) -> None:
    for model in MODELS:
        url = reverse(f"admin:{model._meta.label_lower.replace('.', '_')}_change", args=["999999"])
        assert superuser.get(url).status_code in (302, 200), model


def queries(client: Client, url: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert client.get(url).status_code == 200
    return len(captured)


def test_fifty_rows_take_as_many_queries_as_ten(superuser: Client, contracts: None) -> None:
    urls = ["/", *(list_url(model) for model in MODELS)]
    fill_every_table(10)
    few = {url: queries(superuser, url) for url in urls}

    fill_every_table(40, first=10)

    assert {url: queries(superuser, url) for url in urls} == few
