"""`POST /api/quote/pdf`: a quotation as JSON in, the PDF out. Stores and changes nothing."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_POST

from approvals.canonical import parse
from workflows_app.api.answers import problem
from workflows_app.api.signed import signed
from workflows_app.delivery.quote_document import QuoteError, read_document
from workflows_app.delivery.quote_pdf import render_pdf


@signed
@require_POST
def quote_pdf(request: HttpRequest) -> HttpResponse:
    """Render the body, a `QuoteDocument`; 400 with a sentence when it is not one, or cannot be printed."""
    try:
        content = render_pdf(read_document(parse(request.body.decode())))
    except QuoteError as error:
        return problem(400, f"This cannot be made a quotation: {error}.")
    except (ValueError, RecursionError) as error:
        return problem(400, f"The body is not JSON as Countersign writes it: {error}.")
    return HttpResponse(content, content_type="application/pdf")
