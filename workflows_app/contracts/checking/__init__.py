"""What a contract means: names, types, SQL, rules, operations and limits, one file each. See `contracts/check.py`."""
