"""The chat's door: an MCP server over stdin and stdout whose tools read, plan and propose, and never decide.

One file per group of tools in `tools/`; `tools/__init__.py` names them all. A tool is a plain function: what it takes
are its annotated arguments, what it tells is a model of `told.py`, what it refuses is a `RefusedError` in words.
"""
