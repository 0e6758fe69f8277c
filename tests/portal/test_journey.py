"""From the search box to the proof: one citizen applies through the pages."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from danhmuc.services.search_index import rebuild as index_search
from hoso.models import Dossier, Notice, State
from tests.factories import World
from tests.page import Page, read_page
from tests.portal.helpers import PDF, begin, fill_section, post

pytestmark = pytest.mark.django_db


def page_of(response: Any) -> Page:
    return read_page(response.content.decode(), response.request["PATH_INFO"])


def test_a_citizen_applies_from_the_first_page_to_the_proof(w: World) -> None:
    client = Client()
    client.force_login(w.citizen)
    index_search()
    found = page_of(client.get("/thu-tuc/", {"q": "dang ky khai sinh"}))
    assert "/thu-tuc/1.001193/" in found.links
    assert "/nop-ho-so/1.001193/" in page_of(client.get("/thu-tuc/1.001193/")).links

    ref = begin(client, w)
    home = f"/nop-ho-so/{ref}/"
    assert "Chưa nộp" in page_of(client.get(home)).text
    fill_section(client, ref, 1, {"submitter_full_name": "Nguyễn Thị Thanh Hương"})
    answer = fill_section(client, ref, 2, {"child_full_name": "  Hoàng   Gia Bảo "})
    assert answer.redirect_chain[-1][0] == f"{home}giay-to/"

    papers = w.version.components.get(order=2)
    answer = post(
        client, f"{home}giay-to/", {f"c{papers.pk}": SimpleUploadedFile("Giấy chứng sinh.pdf", PDF)}
    )
    assert answer.redirect_chain[-1][0] == f"{home}buu-chinh/"
    answer = post(
        client,
        f"{home}buu-chinh/",
        {
            "papers_by": "post",
            "pickup_p": "25",
            "pickup_c": "07900",
            "pickup_e": "2",
            "pickup_t": "Khu 6",
            "pickup_on": page_of(client.get(f"{home}buu-chinh/")).all(
                '//select[@name="pickup_on"]/option/@value'
            )[0],
            "pickup_part": "morning",
            "return_by": "post",
            "delivery_p": "25",
            "delivery_c": "",
            "delivery_e": "2",
            "delivery_t": "",
            "receiver": "Nguyễn Thị Thanh Hương",
            "telephone": "0912 345 678",
        },
    )
    assert answer.redirect_chain[-1][0] == f"{home}kiem-tra/"
    check = page_of(answer)
    assert "Hoàng Gia Bảo" in check.text
    assert "Giấy chứng sinh.pdf" in check.text
    assert "Chưa nộp được" not in check.text
    seen = check.one('//input[@name="seen"]').get("value")

    answer = post(client, f"{home}kiem-tra/", {"declared": "on", "seen": seen})
    assert answer.redirect_chain[-1][0] == f"{home}da-nop/"
    done = page_of(answer)
    dossier = Dossier.objects.get(submission_ref=ref)
    document = dossier.documents.get()
    assert dossier.state == State.SUBMITTED
    assert ref in done.text
    assert document.sha256 in done.text
    assert dossier.postal.service == "BOTH"
    assert dossier.postal.pickup_address == "Khu 6, phường Việt Trì, tỉnh Phú Thọ"
    assert dossier.postal.delivery_address == dossier.postal.pickup_address
    assert dossier.postal.phone == "+84912345678"
    assert Notice.objects.filter(dossier=dossier, channel="portal").count() == 1

    proof = dossier.papers.get(kind="submission_proof")
    pdf = client.get(f"/ho-so-cua-toi/{ref}/phieu/{proof.pk}/")
    assert pdf["Content-Type"] == "application/pdf"
    assert b"".join(pdf.streaming_content).startswith(b"%PDF")
    tracking = page_of(client.get(f"/ho-so-cua-toi/{ref}/"))
    assert "Chờ tiếp nhận" in tracking.text
    looked = page_of(client.post("/tra-cuu/", {"ma": ref.lower(), "so": w.citizen.personal_id[-4:]}))
    assert "Bước 2 trên" in looked.text
