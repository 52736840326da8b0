"""How every endpoint says no: JSON with one sentence."""

from django.http import HttpRequest, JsonResponse
from django.views.decorators.csrf import csrf_exempt


def problem(status: int, sentence: str) -> JsonResponse:
    """An error as `{"error": sentence}`."""
    return JsonResponse({"error": sentence}, status=status)


@csrf_exempt
def unknown(request: HttpRequest) -> JsonResponse:
    """No endpoint is there; without this the console would answer with its login page."""
    return problem(404, f"There is no endpoint {request.path}.")
