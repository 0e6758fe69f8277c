"""What lists, letters and papers need of a declaration, kept in the dossier's own columns beside its answers."""

from collections.abc import Mapping
from typing import Any

from danhmuc.models import Place, User
from hoso.models import Dossier
from hoso.services.answers import EMPTY, place_names, text_of

_ORGANISATIONS = {"ho_kinh_doanh", "doanh_nghiep", "to_chuc"}


def told_by(dossier: Dossier, answers: Mapping[str, Any], by: User | None) -> dict[str, Any]:
    """Column → value, from these answers, else from the account of whoever applies and of whom it is for."""

    def first(*keys: str) -> Any:
        return next((answers[key] for key in keys if answers.get(key) not in EMPTY), None)

    def own(account: User | None, name: str) -> Any:
        return getattr(account, name) if account is not None else ""

    holder = dossier.organisation or by  # whose account stands behind it
    submitter = first("submitter_full_name", "requester_full_name") or own(by, "full_name")
    submitter_id = first("submitter_person_id", "requester_person_id") or own(by, "personal_id")
    found: dict[str, Any] = {
        "submitter_name": submitter[:160],
        "submitter_id": submitter_id[:20],
        "phone": first("submitter_phone", "requester_phone", "owner_phone", "rep_phone") or own(by, "phone"),
        "email": first("submitter_email", "owner_email") or own(by, "email"),
    }
    if not dossier.on_behalf:  # a principal was named on a page of its own
        organisation = answers.get("owner_kind") in _ORGANISATIONS or (
            "owner_kind" not in answers and own(holder, "kind") == User.Kind.ORGANISATION
        )
        own_name = first("owner_organisation_name") if organisation else first("owner_full_name")
        own_id = first("owner_tax_code") if organisation else first("owner_person_id")
        found |= {
            "owner_kind": Dossier.OwnerKind.ORGANISATION if organisation else Dossier.OwnerKind.PERSON,
            "owner_name": (own_name or (own(holder, "full_name") if organisation else submitter))[:200],
            "owner_id": (own_id or (own(holder, "tax_code") if organisation else submitter_id))[:20],
        }
    address = first("owner_address", "submitter_residence", "requester_residence")
    if not isinstance(address, dict):
        return found | {"address": own(holder, "address")[:300], "place": holder.place if holder else None}
    names = place_names({"address": address})
    found["address"] = text_of({"type": "address", "label": ""}, address, names)[:300]
    found["place"] = Place.objects.filter(
        era=address.get("units_version", "2"), level=Place.Level.COMMUNE, code=address.get("commune", "")
    ).first()
    return found
