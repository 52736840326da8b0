"""What is asked of the memory. It travels in the address, so that a page of it can be kept and sent."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from urllib.parse import urlencode

from workflows_app.reading.memory import MOST_FOUND, tags_of

PAGE_ROWS = 20
_LONGEST = 400


@dataclass(frozen=True, kw_only=True)
class Question:
    """`q`: words; `tags`: with commas between them; `order`: `best` or empty for newest first; `page`: from 1."""

    q: str = ""
    tags: str = ""
    order: str = ""
    page: int = 1

    @classmethod
    def read(cls, asked: Mapping[str, str]) -> "Question":
        """From the query of an address. What cannot be used is taken for nothing."""
        page = asked.get("page", "1")
        number = int(page) if page.isascii() and page.isdecimal() and len(page) < 9 else 1
        return cls(
            q=asked.get("q", "")[:_LONGEST],
            tags=asked.get("tags", "")[:_LONGEST],
            order="best" if asked.get("order") == "best" else "",
            page=min(max(number, 1), MOST_FOUND // PAGE_ROWS),
        )

    @property
    def asks(self) -> bool:
        """Whether anything is looked for."""
        return bool(self.q.strip() or self.tags.strip())

    @property
    def offset(self) -> int:
        """How many rows stand on the pages before."""
        return (self.page - 1) * PAGE_ROWS

    def at(self, page: int) -> str:
        """The query of another page of the same question."""
        said = {name: value for name, value in asdict(replace(self, page=page)).items() if value and value != 1}
        return "?" + urlencode(_storable(said))

    def with_tag(self, tag: str) -> str:
        """The query that also asks for a tag, from the first page."""
        tags = dict.fromkeys([*tags_of(self.tags), tag])
        return replace(self, tags=",".join(tags)).at(1)


def _storable(said: dict[str, object]) -> dict[str, object]:
    """Without halves of characters, which no address can hold."""
    return {name: str(value).encode(errors="ignore").decode() for name, value in said.items()}
