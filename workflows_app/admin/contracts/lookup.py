"""What a field of the start form offers for what was typed so far; asked while somebody types."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from workflows_app.admin.contracts.pickers import Source, source_of
from workflows_app.admin.contracts.start import startable
from workflows_app.contracts.schema import Contract

_LONGEST = 80


def lookup_view(page: Any, request: HttpRequest, workflow_type: str, name: str) -> HttpResponse:
    """The options for an input (or a value of the objects in a list), for those who may start the contract."""
    _row, contract = startable(request, workflow_type)
    source = _source(contract, name)
    if source is None:
        raise Http404(f"Nothing is looked up for {name}.")
    typed = next((str(text) for field, text in request.GET.items() if field.rpartition(".")[2] == name), "").strip()
    offers = source.search(typed) if len(typed) <= _LONGEST else []
    return TemplateResponse(request, "admin/countersign/start_offers.html", {"offers": offers})


def _source(contract: Contract, name: str) -> Source | None:
    specs = [field for spec in contract.inputs for field in (spec, *spec.fields)]
    return next((source_of(spec.name, spec.type) for spec in specs if spec.name == name), None)
