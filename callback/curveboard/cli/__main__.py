"""`python -m curveboard.cli`."""

import sys

from curveboard.cli import main

sys.exit(main())
