"""A few stored files that stand for what people upload, each marked "MẪU" (TT01/18 Art 5)."""

from functools import cache

from django.core.files.uploadedfile import SimpleUploadedFile

from config.demo.plan import Sample
from hoso.services import documents

_TITLES = ("Giấy tờ tùy thân", "Giấy xác nhận", "Hợp đồng", "Sơ đồ, bản vẽ", "Văn bản cam kết")
_PAGE = """<!doctype html><html lang="vi"><meta charset="utf-8"><title>{title}</title><style>
@page {{ size: A4; margin: 25mm }} body {{ font: 13pt "Tinos", "Liberation Serif", serif; color: #1b2233 }}
b {{ float: right; color: #a3161b; font-size: 20pt; border: 2px solid; padding: 2mm 5mm }}
h1 {{ margin-top: 25mm; font-size: 20pt }} hr {{ border: 0; border-top: 3px solid #d9d5cb; margin: 7mm 0 }}
</style><b>MẪU</b><h1>{title}</h1><p>Giấy tờ giả định của môi trường trình diễn. Người và số trong đó không có thật.</p>
<hr><hr><hr><hr><hr><hr><hr><hr></html>"""


@cache
def samples() -> tuple[Sample, ...]:
    """The samples, stored under their hashes; doing it again stores nothing new."""
    from weasyprint import HTML

    found = []
    for title in _TITLES:
        data = HTML(string=_PAGE.format(title=title)).write_pdf(pdf_identifier=title.encode())
        stored = documents.receive(SimpleUploadedFile(f"{title}.pdf", data, content_type="application/pdf"))
        found.append(Sample(stored.sha256, stored.size, "application/pdf", 1, ".pdf"))
    return tuple(found)
