"""A language model for tests: a real HTTP server on a free port that answers as a test says, keeping what it hears."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

KEY = "canary-of-the-drafting-key"


@dataclass
class Answer:
    """One answer: `content` as the model's words, unless `raw` is the whole body."""

    content: str = ""
    status: int = 200
    raw: bytes | None = None
    headers: dict[str, str] = field(default_factory=dict)
    finish: str = "stop"

    def body(self) -> bytes:
        """What is sent."""
        if self.raw is not None:
            return self.raw
        choice = {"index": 0, "message": {"role": "assistant", "content": self.content}, "finish_reason": self.finish}
        return json.dumps({"object": "chat.completion", "choices": [choice]}).encode()


@dataclass
class Model:
    """`says`: its answer to the text of the user. `heard`: path, headers and body of each request."""

    url: str
    says: Callable[[str], Answer]
    heard: list[tuple[str, dict[str, str], dict[str, Any]]] = field(default_factory=list)
    released: threading.Event = field(default_factory=threading.Event)

    @property
    def texts(self) -> list[str]:
        """What it was given to rewrite."""
        return [body["messages"][-1]["content"] for _, _, body in self.heard]

    def settings(self, **changes: Any) -> dict[str, Any]:
        """The `DRAFTING` settings that lead here."""
        return {"URL": f"{self.url}/v1", "MODEL": "made-up-1", "KEY": KEY, "TIMEOUT": 10.0, "TRIAGE": False, **changes}


def letter_in(text: str) -> str:
    """The letter of a question."""
    return text.removeprefix("LETTER:\n\n").partition("\n\nWORDS OF THE CUSTOMER")[0]


def rewritten(text: str) -> Answer:
    """A good draft: other words, the same marks."""
    letter = letter_in(text)
    return Answer(letter.replace("Thank you for writing to us.", "Many thanks for getting in touch with us."))


@contextmanager
def language_model(says: Callable[[str], Answer] = rewritten) -> Iterator[Model]:
    """One that listens until the block ends."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            model.heard.append((self.path, dict(self.headers), body))
            answer = model.says(body["messages"][-1]["content"])
            content = answer.body()
            try:
                self.send_response(answer.status)
                for name, value in {"Content-Type": "application/json", **answer.headers}.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)
            except OSError:
                self.close_connection = True

        def log_message(self, format: str, *args: Any) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    model = Model(url=f"http://127.0.0.1:{server.server_port}", says=says)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield model
    finally:
        model.released.set()
        server.shutdown()
        server.server_close()
        thread.join()
