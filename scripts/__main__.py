"""`python3 -m scripts <task>`, for those without make."""

import sys

if sys.version_info < (3, 11):  # noqa: UP036 - the very check that tells an older Python what is wrong
    sys.exit("IBN-portaal needs Python 3.11 or newer; on Debian 12: apt-get install python3 python3-venv")

from scripts.tasks import main

sys.exit(main(sys.argv[1:]))
