"""`python -m factory` is the same as `factory`."""

import sys

from factory.cli import main

sys.exit(main())
