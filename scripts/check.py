"""`make check`: format, lint, types and layers of both languages."""

import sys

from kibitz_tools import BIN, NPX, Step, run_all

STEPS = (
    Step("Python format", [str(BIN / "ruff"), "format", "--check", "--quiet", "."]),
    Step("Python lint", [str(BIN / "ruff"), "check", "--quiet", "."]),
    Step("Python types", [str(BIN / "mypy"), "."]),
    Step("Python layers", [str(BIN / "lint-imports")]),
    Step("TypeScript format and lint", [NPX, "biome", "check", "--error-on-warnings", "."]),
    Step("TypeScript types: wire and core, without a DOM", [NPX, "tsc", "-p", "tsconfig.pure.json"]),
    Step("TypeScript types: pages", [NPX, "tsc", "-p", "tsconfig.json"]),
    Step("TypeScript types: tests and tools", [NPX, "tsc", "-p", "tsconfig.node.json"]),
    Step("settings", [sys.executable, "manage.py", "check", "--fail-level", "ERROR"]),
    Step("migrations", [sys.executable, "manage.py", "makemigrations", "--check", "--dry-run"]),
)

if __name__ == "__main__":
    sys.exit(0 if run_all(STEPS) else 1)
