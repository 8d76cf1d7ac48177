"""`python -m scanner` is `acr-scan`."""

import sys

from scanner.cli import main

sys.exit(main())
