"""The decision chain: append to it, verify it."""

from approvals.chain.links import START, ChainError, Said, append, fingerprint
from approvals.chain.verification import verify

__all__ = ["START", "ChainError", "Said", "append", "fingerprint", "verify"]
