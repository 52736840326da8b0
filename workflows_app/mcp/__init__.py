"""The chat's door: an MCP server over stdin and stdout whose tools read, plan and propose, and never decide."""
