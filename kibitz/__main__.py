"""`python -m kibitz`."""

import sys

from kibitz.cli import main

sys.exit(main())
