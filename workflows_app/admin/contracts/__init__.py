"""The contracts list, a contract's page, and the form that starts it by hand."""
