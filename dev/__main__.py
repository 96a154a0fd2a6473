"""``python3 -m dev <command>``.  Written so that an older Python can at least say what is missing."""

import sys

if sys.version_info < (3, 11):  # noqa: UP036 - this line is for the Pythons we do not support
    found = "%d.%d" % sys.version_info[:2]  # noqa: UP031
    sys.exit("Gongyi needs Python 3.11 or newer, this is %s: make demo PYTHON=python3.12" % found)  # noqa: UP031

from dev.cli import main

sys.exit(main(sys.argv[1:]))
