"""Loading the context of a contract: what needs nothing of one another is read together, the rest after it."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.factories import CustomerFactory
from tests.world import LONG_AGO, release_text
from workflows_app.reading.scope import Scope
from workflows_app.runner.context import load_context
from workflows_app.runner.release import contract_for

pytestmark = pytest.mark.django_db
CONTRACT = """
workflow_type: chained
contract_version: 1
title: Chained
category: Test
risk_level: 3
description: Queries that need one another.
trigger: {kind: manual}
inputs:
  - {name: id, type: string, required: true}
context:
  - {name: customer, tables: [customers], sql: "SELECT id FROM customers WHERE id = ?", params: [inputs.id], shape: one}
  - {name: everybody, tables: [customers], sql: "SELECT id FROM customers", shape: all}
  - {name: same, tables: [customers], sql: "SELECT companyname FROM customers WHERE id = ?", params: [customer.id],
     shape: value}
preconditions: []
fan_out:
  - name: rename
    kind: d1_write
    operations:
      - {update: customers, where: {id: "${{ inputs.id }}"}, set: {phone: "1"}}
post_actions: []
verify: []
"""


def test_a_query_sees_what_the_ones_before_it_found() -> None:
    CustomerFactory(id="c1", companyname="Elm")
    contract = contract_for(release_text(CONTRACT))
    scope = Scope(now=LONG_AGO, inputs={"id": "c1"})

    with CaptureQueriesContext(connection) as queries:
        context: dict[str, Any] = load_context(contract, scope)

    assert context == {"customer": {"id": "c1"}, "everybody": [{"id": "c1"}], "same": "Elm"}
    if connection.vendor == "postgresql":
        assert len(queries) == 2  # the first two in one round trip
