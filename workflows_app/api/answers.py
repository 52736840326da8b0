"""How every endpoint says no: JSON with one sentence."""

from django.http import HttpRequest, JsonResponse
from django.views.decorators.csrf import csrf_exempt


class RefusedError(Exception):
    """A call that is refused: the status of the answer, and a sentence for whoever made it."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status
        self.sentence = sentence


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
