"""Every tool of the chat server, by what it may do: read, or put something up for a decision. Nothing else exists."""

from collections.abc import Callable
from typing import Final

from workflows_app.mcp.told import Told
from workflows_app.mcp.tools.dry_run import dry_run_workflow
from workflows_app.mcp.tools.lookups import find_customers, find_items
from workflows_app.mcp.tools.memory import search_memory
from workflows_app.mcp.tools.proposals import list_proposals, show_proposal
from workflows_app.mcp.tools.quotes import propose_quote_draft
from workflows_app.mcp.tools.runs import list_runs, show_run, start_run
from workflows_app.mcp.tools.workflows import explain_workflow, list_workflows

ToolFunction = Callable[..., Told]

READING: Final[tuple[ToolFunction, ...]] = (
    list_workflows,
    explain_workflow,
    dry_run_workflow,
    find_customers,
    find_items,
    list_proposals,
    show_proposal,
    list_runs,
    show_run,
    search_memory,
)
PROPOSING: Final[tuple[ToolFunction, ...]] = (propose_quote_draft, start_run)
