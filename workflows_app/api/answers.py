"""How every endpoint answers: JSON, and when it says no, one sentence."""

from typing import Any

from django.http import HttpRequest, JsonResponse
from django.views.decorators.csrf import csrf_exempt

from approvals.canonical import to_json


class RefusedError(Exception):
    """A call that is refused: the status of the answer, and a sentence for whoever made it."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status
        self.sentence = sentence


def answer(data: Any, *, status: int = 200) -> JsonResponse:
    """`data` as JSON, decimals and moments as text, as the commands print it; nobody keeps a copy on the way."""
    response = JsonResponse(to_json(data), status=status, safe=False, json_dumps_params={"ensure_ascii": False})
    response["Cache-Control"] = "no-store"
    return response


def problem(status: int, sentence: str) -> JsonResponse:
    """An error as `{"error": sentence}`; a 401 says how to sign in."""
    headers = {"WWW-Authenticate": "Bearer"} if status == 401 else {}
    return JsonResponse({"error": sentence}, status=status, headers=headers)


def too_large() -> JsonResponse:
    """A body that is larger than we read."""
    return problem(413, "The body is too large.")


@csrf_exempt
def unknown(request: HttpRequest) -> JsonResponse:
    """No endpoint is there; without this the console would answer with its login page."""
    return problem(404, f"There is no endpoint {request.path}.")
