"""Search what earlier runs remembered, by words and tags. `search` is the way in; it only reads."""

from workflows_app.reading.memory.question import Term, tags_of, terms_of
from workflows_app.reading.memory.search import MOST_FOUND, Found, Memory, search
from workflows_app.reading.memory.text import Piece

__all__ = ["MOST_FOUND", "Found", "Memory", "Piece", "Term", "search", "tags_of", "terms_of"]
