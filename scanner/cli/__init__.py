"""The command line: options in, exit code out. Everything heavy is imported by the command that needs it."""

import sys
from collections.abc import Sequence

import click

from scanner.cli import streams
from scanner.cli.group import acr_scan
from scanner.errors import ScanError, UsageError

BUG = 4
INTERRUPTED = 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run acr-scan and return its exit code. The one place that catches what nobody expected."""
    given = sys.argv[1:] if arguments is None else list(arguments)
    streams.settle()
    try:
        if named := next((each for each in given if "\0" in each), None):
            raise UsageError(f"{named!r} holds a NUL character, and no path or name does")  # noqa: TRY301 - told by the handlers below
        code = acr_scan.main(given, prog_name="acr-scan", standalone_mode=False)
        sys.stdout.flush()
    except click.exceptions.Exit as stop:
        return stop.exit_code
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        print("interrupted; no file was left half written", file=sys.stderr)
        return INTERRUPTED
    except ScanError as error:
        from scanner.cli.terminal import say_error

        say_error(error)
        return error.exit_code
    except BrokenPipeError:
        streams.give_up()
        return 0
    except Exception as error:  # noqa: BLE001 - the last resort: a bug is told as one
        if isinstance(error, OSError) and streams.is_about_output(error):
            streams.give_up()
            print(f"acr-scan: {streams.complaint(error)}", file=sys.stderr)
            return UsageError.exit_code
        return _bug(error, verbose=not {"--verbose", "-v"}.isdisjoint(given))
    return code if isinstance(code, int) else 0


def _bug(error: Exception, *, verbose: bool) -> int:
    what = (
        f"{type(error).__name__}: {error}".splitlines()[0][:200].encode("ascii", "backslashreplace").decode()
    )
    print(f"acr-scan: this is a bug in acr-scan: {what}", file=sys.stderr)
    if verbose:
        import traceback

        traceback.print_exception(error)
    else:
        hint = "run again with --verbose and report what it prints, with the version, to the project's issues"
        print(f"help: {hint}", file=sys.stderr)
    return BUG
