"""`python -m tests.bench.pushes [--times N]`: each planted fault, and a worker's death at each point, N times (100).

A record must exist exactly once, with every field and line as approved, and the control (POST) must double. These are
the tests `test_push_faults.py` and `test_push_deaths.py`, which do it three times when they run beside the others.
"""

import argparse
import os
import sys

import pytest

_TESTS = ("tests/integration/netsuite/test_push_faults.py", "tests/integration/netsuite/test_push_deaths.py")


def main() -> int:
    """Run them; the exit code of pytest."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=100)
    os.environ["PUSH_FAULT_TIMES"] = str(parser.parse_args().times)
    return int(pytest.main([*_TESTS, "-n", "2"]))


if __name__ == "__main__":
    sys.exit(main())
