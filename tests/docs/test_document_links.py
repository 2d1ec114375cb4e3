"""What the documents point to is there."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_between_documents_leads_to_a_file(page):
    links = re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text("utf-8"))
    assert [link for link in links if not (page.parent / link).exists()] == []


def test_every_page_of_the_documentation_is_reached_from_the_readme():
    readme = (ROOT / "README.md").read_text("utf-8")
    assert [
        page.name
        for page in PAGES
        if page.parent.name == "docs" and f"docs/{page.name}" not in readme
    ] == []
