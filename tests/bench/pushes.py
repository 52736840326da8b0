"""`python -m tests.bench.pushes [--times N]`: each planted fault N times (100), on the configured kind of database.

A record must exist exactly once, with every field and line as approved, and the control (POST) must double. These are
the tests of `tests/integration/netsuite/test_push_faults.py`, which meet each fault three times beside the others.
"""

import argparse
import os
import sys

import pytest

_TESTS = "tests/integration/netsuite/test_push_faults.py"


def main() -> int:
    """Run them; the exit code of pytest."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=100)
    os.environ["PUSH_FAULT_TIMES"] = str(parser.parse_args().times)
    return int(pytest.main([_TESTS, "-n", "2"]))


if __name__ == "__main__":
    sys.exit(main())
