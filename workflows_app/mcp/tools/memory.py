"""What earlier runs remembered."""

from collections.abc import Iterator, Sequence

from pydantic import BaseModel

from workflows_app.mcp.told import Count, Listed, Offset, Words, clipped, moment
from workflows_app.reading.memory import Memory, Piece, search


class MemoryTold(BaseModel):
    """What one run remembers."""

    run_id: str
    workflow_type: str
    status: str
    at: str
    title: str
    excerpt: str
    tags: list[str]


class Memories(Listed):
    """One page of what was found."""

    memories: list[MemoryTold]

    def lines(self) -> Iterator[str]:
        """One a line."""
        yield f"{len(self.memories)} remembered." if self.memories else "Nothing is remembered about that."
        yield from (f"{row.at}, run {row.run_id} ({row.status}): {row.title}. {row.excerpt}" for row in self.memories)
        yield self.hint


def search_memory(words: Words, tags: Words = "", limit: Count = 10, offset: Offset = 0) -> Memories:
    """Search what earlier runs wrote down when they ended, newest first: every word must occur.

    "words in a row" stand in quotes, deliv* is the beginning of a word. tags: with commas between them, each must be
    there, such as quote or customer:42. Without words and tags: everything, newest first.
    """
    found = search(words, tags, limit=limit, offset=offset)
    return Memories(
        memories=[_told(memory) for memory in found.rows],
        more=found.more,
        hint=f"There is more: ask again with offset {offset + limit}, or with more words." if found.more else "",
    )


def _told(memory: Memory) -> MemoryTold:
    return MemoryTold(
        run_id=memory.run_id,
        workflow_type=memory.workflow_type,
        status=memory.status,
        at=moment(memory.created_at),
        title=clipped(_plain(memory.title)),
        excerpt=clipped(_plain(memory.excerpt)),
        tags=list(memory.tags),
    )


def _plain(pieces: Sequence[Piece]) -> str:
    return "".join(piece.text for piece in pieces)
