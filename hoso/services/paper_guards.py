"""What must be true of papers before a step: nothing the State already holds is asked for again."""

from typing import Any

from django.utils import timezone

from danhmuc.models import Component, User
from danhmuc.text import fold
from hoso.models import SupplementItem
from hoso.services.case import Case
from hoso.services.errors import Refused
from hoso.services.routes import version_parts


def not_held_already(case: Case, by: User, facts: dict[str, Any]) -> None:
    """Data already shared and valid is not asked for again, unless to be verified anew (NĐ118 Art 5.1i)."""
    named = {fold(component.name): component for component in version_parts(case.dossier.version_id)[1]}
    for item in facts.get("items") or []:
        component = item.get("component") or named.get(fold(str(item.get("name", ""))))
        if component is None or item.get("reason") == SupplementItem.Reason.REVERIFY:
            continue
        if is_held(case, component):
            raise Refused(
                f"“{component.name}” đã có dữ liệu dùng chung còn giá trị nên không yêu cầu nộp lại (NĐ118 Điều "
                "5.1i). Nếu phải xác minh, chọn lý do “Xác minh lại” và ghi rõ vì sao."
            )


def is_held(case: Case, component: Component) -> bool:
    """Whether the paper is in a database of the State, or was named again from an earlier dossier and is valid."""
    today = timezone.localdate()
    return component.from_database or any(
        d.component_id == component.pk
        and d.source_id is not None
        and (d.valid_to is None or d.valid_to >= today)
        for d in case.current_documents
    )
