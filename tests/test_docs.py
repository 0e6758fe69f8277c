"""The documents say what the product is, and keep saying it."""

from pathlib import Path

import pytest
from django.apps import apps

from danhmuc.roles import Role
from hoso.lifecycle import State
from hoso.models import Dossier
from portal.lifecycle import State as FeedbackState
from portal.models import Feedback

ROOT = Path(__file__).resolve().parent.parent
GLOSSARY = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
APPS = ("danhmuc", "hoso", "portal", "buuchinh", "baocao")


@pytest.mark.parametrize("app", APPS)
def test_glossary_names_every_model(app: str) -> None:
    missing = [m.__name__ for m in apps.get_app_config(app).get_models() if f"`{m.__name__}`" not in GLOSSARY]
    assert missing == []


def test_glossary_names_every_state_step_and_role() -> None:
    words = (
        [s.name for s in State]
        + [t.name for t in Dossier().get_all_state_transitions()]
        + [r.value for r in Role]
        + [s.name for s in FeedbackState]
        + [t.name for t in Feedback().get_all_state_transitions()]
    )
    assert [w for w in words if f"`{w}`" not in GLOSSARY] == []


def test_documents_name_only_files_that_exist() -> None:
    import re

    pages = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
    named = re.compile(
        r"`((?:config|danhmuc|hoso|portal|buuchinh|baocao|templates|static|tests|docs)/[\w./-]+)`"
    )
    missing = [
        f"{page.name}: {path}"
        for page in pages
        for path in named.findall(page.read_text(encoding="utf-8"))
        if not (ROOT / path.rstrip("/")).exists()
    ]
    assert missing == []
