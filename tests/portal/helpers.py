"""Small steps of a citizen at the pages, and files as people send them."""

from io import BytesIO
from typing import Any

import pikepdf
from django.test import Client

from tests.factories import World
from tests.page import read_page


def _pdf() -> bytes:
    out = BytesIO()
    with pikepdf.new() as document:
        document.add_blank_page()
        document.save(out)
    return out.getvalue()


PDF = _pdf()


def post(client: Client, url: str, data: dict[str, Any]) -> Any:
    """POST and follow; the page at the end is checked."""
    response = client.post(url, data, follow=True)
    assert response.status_code == 200, f"{url}: {response.status_code}"
    read_page(response.content.decode(), response.request["PATH_INFO"])
    return response


def begin(client: Client, w: World) -> str:
    """A draft of the world's procedure at its commune; the reference."""
    answer = post(client, f"/nop-ho-so/{w.version.procedure.code}/", {"agency": w.commune.pk})
    return str(answer.request["PATH_INFO"]).split("/")[2]


def fill_section(client: Client, ref: str, number: int, data: dict[str, Any], **more: Any) -> Any:
    """Save one section; the keys asked are those of the data."""
    url = f"/nop-ho-so/{ref}/to-khai/{number}/"
    return post(client, url, {"_shown": " ".join(data), **data, **more})


def draft_through_pages(client: Client, w: World) -> str:
    """A draft with everything filled in, ready to be filed."""
    from django.core.files.uploadedfile import SimpleUploadedFile

    ref = begin(client, w)
    fill_section(client, ref, 1, {"submitter_full_name": w.citizen.full_name})
    fill_section(client, ref, 2, {"child_full_name": "Hoàng Gia Bảo"})
    component = w.version.components.get(order=2)
    post(
        client, f"/nop-ho-so/{ref}/giay-to/", {f"c{component.pk}": SimpleUploadedFile("chung-sinh.pdf", PDF)}
    )
    post(client, f"/nop-ho-so/{ref}/buu-chinh/", {"papers_by": "counter", "return_by": "counter"})
    return ref
