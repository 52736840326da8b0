"""Texts from a language model, as drafts only; off unless the environment names an endpoint (docs/drafting.md).

`frozen` is what planning reads. Everything else asks: `endpoint` (whom), `client` (one request), `masks` (what stays in
the house), `judgement` (what is refused), and for each purpose `letters`, `reflexions` and `triage`.
"""
