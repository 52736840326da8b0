"""What effects, checks and contracts mean, in words for people: the console shows it, the chat server tells it.

Pure functions, one file per kind of effect; `look_up.py` alone reads the database. Nothing here writes HTML. A view
object says which template of `templates/admin/countersign/` shows it; the templates escape everything.
"""
