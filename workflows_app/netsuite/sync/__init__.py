"""NetSuite → mirror: passes that read pages of SuiteQL and copy what differs.

`passes` runs one pass, `kinds` says what a pass of each kind reads, `declarations/` which columns of each table are
NetSuite's, `write` is the only writer of the mirror here, `log` the only writer of `sync_log`.
"""
