"""Who the applicant is, as the forms ask for it: what the account knows is offered, not typed again (TT32 Art 6)."""

from typing import Any

from danhmuc.models import Place, ProcedureVersion, User
from hoso.services.answers import EMPTY

GENDERS = {User.Gender.MALE: "nam", User.Gender.FEMALE: "nu"}


def sources(user: User, version: ProcedureVersion, agency_name: str) -> dict[str, Any]:
    """Values by `prefill` source of the forms (`prefill_sources` in eforms.json); what is unknown is left out."""
    organisation = user.kind == User.Kind.ORGANISATION
    address = address_of(user)
    person = {
        "full_name": "" if organisation else user.full_name,
        "birth_date": user.birth_date.isoformat() if user.birth_date else "",
        "gender": GENDERS.get(User.Gender(user.gender), "") if user.gender else "",
        "person_id": user.personal_id,
        "id_kind": "the_can_cuoc" if user.personal_id else "",
        "id_number": user.personal_id,
        "nationality": "VN" if user.personal_id else "",
        "permanent_address": address,
        "current_address": address,
        "phone": user.phone,
        "email": user.email,
    }
    found = {f"submitter.{name}": value for name, value in person.items()}
    found |= {
        f"owner.{name}": person[name] for name in ("birth_date", "gender", "person_id", "phone", "email")
    }
    found |= {
        "owner.kind": "to_chuc" if organisation else "ca_nhan",
        "owner.full_name": person["full_name"],
        "owner.organisation_name": user.full_name if organisation else "",
        "owner.tax_code": user.tax_code,
        "owner.address": address,
        "agency.name": agency_name,
        "procedure.name": version.name,
        "procedure.result_name": version.result_name,
    }
    if organisation:
        found |= {
            "business.name": user.full_name,
            "business.code": user.tax_code,
            "business.address": address,
            "business.phone": user.phone,
            "business.email": user.email,
        }
    return {name: value for name, value in found.items() if value not in EMPTY}


def address_of(user: User) -> dict[str, str]:
    """The account's address as a form stores it; empty when the account has none."""
    place = user.place
    if place is None or place.level != Place.Level.COMMUNE or place.parent is None:
        return {}
    province = place.parent if place.era == Place.Era.TWO_LEVEL else place.parent.parent
    return {
        "country": "VN",
        "province": province.code if province else "",
        "commune": place.code,
        "units_version": place.era,
        "detail": user.address,
    }
