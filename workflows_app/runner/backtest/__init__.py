"""What a new version of a contract would have planned for the runs that were, beside what their own version plans.

Both are planned now, in one and the same state of the database, so that every difference is the contract's alone.
"""
