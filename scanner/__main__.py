"""`python -m scanner` is `acr-scan`: what a program may do to its process, and a function may not."""

import atexit
import gc
import signal
import sys

from scanner.cli import main

TERMINATED = 128 + signal.SIGTERM


def entry() -> int:
    """Run as a program: settle how this process collects garbage and how it ends, then run the command."""
    gc.set_threshold(200_000, 50, 50)  # a scan makes many objects that stay, and hardly a cycle
    atexit.register(gc.freeze)  # what is left ends with the process: no last look for cycles
    # a CI's time limit, or `kill`, ends it as an exit does, which removes temporary files
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(TERMINATED))
    return main()


if __name__ == "__main__":
    sys.exit(entry())
