"""`python3 -m setup` prepares this checkout. Here any Python, however old, learns what is missing."""

import sys

if sys.version_info < (3, 11):
    sys.exit(
        "Youli needs Python 3.11 or newer; this is %d.%d. " % sys.version_info[:2]
        + "Install Python 3.11 or newer, or name one you have: make run PYTHON=python3.12"
    )

from setup import environment

try:
    environment.main()
except KeyboardInterrupt:
    sys.exit("\nStopped. The same command goes on from here.")
