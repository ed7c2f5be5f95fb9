"""The commands of `python -m kibitz`. Each subcommand is a function from its arguments to an exit code."""

import argparse
import sys
from collections.abc import Sequence

from kibitz.vectors import check_files
from kibitz.wire.values import well_formed


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command; the exit code, 0 for all is well."""
    arguments = _parser().parse_args(argv)
    code: int = arguments.run(arguments)
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="kibitz", description="Tools around private calls.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    vectors = commands.add_parser("vectors", help="recompute the values of vector files and show each difference")
    vectors.add_argument("files", nargs="+", metavar="FILE")
    vectors.set_defaults(run=_vectors)
    return parser


def _vectors(arguments: argparse.Namespace) -> int:
    report = check_files(arguments.files)
    sys.stdout.write("".join(f"{well_formed(line)}\n" for line in report.lines))
    return 0 if report.is_good else 1
