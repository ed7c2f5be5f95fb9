"""What the documents promise exists: settings, folders, commands, and the tests that the threat model names."""

import re
import subprocess
from pathlib import Path

import pytest

from kibitz_site.env import SETTINGS

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text()
PROOFS = re.findall(r"`(tests/[^`]+?)::([^`]+)`", (ROOT / "docs" / "threat-model.md").read_text())


def test_readme_names_every_setting() -> None:
    assert [name for name in SETTINGS if f"`{name}`" not in README] == []


def test_every_folder_has_its_sentence() -> None:
    told = set(re.findall(r"`([a-z_/]+)/`", README))
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()
    folders = {path.split("/")[0] for path in tracked if "/" in path and not path.startswith(".")}
    assert folders - {name.split("/")[0] for name in told} == set()


def test_the_readmes_commands_exist() -> None:
    told = set(re.findall(r"make ([a-z-]+)", README))
    listed = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert {"run", "test", "test-fast", "check", "help"} <= told
    assert [word for word in told if f"make {word} " not in listed] == []


@pytest.mark.parametrize(("file", "name"), PROOFS)
def test_each_threat_names_a_test_that_exists(file: str, name: str) -> None:
    source = (ROOT / file).read_text()
    assert f"def {name}(" in source or f"it('{name}'" in source


def test_the_threat_model_is_not_empty() -> None:
    assert len(PROOFS) > 15


def test_links_between_documents_lead_somewhere() -> None:
    for document in [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").rglob("*.md")]:
        for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", document.read_text()):
            assert (document.parent / target).exists(), f"{document.name} links to {target}"
