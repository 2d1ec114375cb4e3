"""Every command has help with an example, and stands in docs/commands.md as it is."""

import importlib.util
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[2] / "docs"


def load(path):
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


generator = load(DOCS / "generate_commands.py")
COMMANDS = [
    (command, text) for command, text in generator.helps() if "COMMAND [ARGS]..." not in text
]


@pytest.mark.parametrize(("command", "text"), COMMANDS)
def test_every_command_has_help_with_an_example_of_its_own(command, text):
    assert "Example" in text, f"{command} has no example"
    example = text.partition("Example")[2]
    assert "tracker " in example


def test_the_page_of_commands_is_what_the_commands_say():
    assert generator.PAGE.read_text("utf-8") == generator.page(), (
        "Run: python docs/generate_commands.py"
    )
