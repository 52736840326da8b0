"""From effect data to what a person reads: pure functions, one file per kind of effect.

Nothing here reads the database or writes HTML. A view object says which template of `templates/admin/countersign/`
shows it; the templates escape everything.
"""
