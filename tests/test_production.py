"""What only a production machine shows: files one account makes and another reads, and what nginx says by itself."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management.utils import get_random_secret_key
from django.test import Client

from config.stack.paths import PROJECT_DIR
from tests.page import read_page
from tests.test_architecture import manage

NGINX = PROJECT_DIR / "config" / "nginx"


def test_static_files_gathered_by_root_can_be_read_by_the_web_server(tmp_path: Path) -> None:
    root = tmp_path / "static"
    done = manage("collectstatic", "--noinput", SECRET_KEY=get_random_secret_key(), STATIC_ROOT=str(root))
    assert done.returncode == 0, done.stderr
    assert (root / "staticfiles.json").exists()
    assert [str(path) for path in root.rglob("*") if path.stat().st_mode & 0o004 == 0] == []
    assert [str(path) for path in root.rglob("*/") if path.stat().st_mode & 0o001 == 0] == []


@pytest.mark.parametrize("page", sorted((NGINX / "pages").glob("*.html")), ids=lambda file: file.name)
def test_pages_of_nginx_are_pages(page: Path) -> None:
    assert f"/loi/{page.name};" in (NGINX / "default.conf").read_text()
    read_page(page.read_text(), page.name)


def test_nginx_lets_several_files_of_the_allowed_size_through() -> None:
    found = re.search(r"client_max_body_size (\d+)m;", (NGINX / "default.conf").read_text())
    assert found
    whole = int(found[1])
    assert whole * 1024**2 >= 10 * settings.UPLOAD_MAX_BYTES
    assert f"không quá {whole} MB" in (NGINX / "pages" / "qua-lon.html").read_text()


def test_another_name_than_ours_is_refused_in_vietnamese(client: Client) -> None:
    answer = client.get("/", HTTP_HOST="noi-khac.example")
    assert answer.status_code == 400
    assert read_page(answer.content.decode()).h1 == "Yêu cầu không đọc được"
