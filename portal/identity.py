"""Who the applicant is, as the forms ask for it: what the account knows is offered, not typed again (TT32 Art 6)."""

from typing import Any

from danhmuc.models import Place, ProcedureVersion, User
from hoso.models import Dossier
from hoso.services.answers import EMPTY

GENDERS = {User.Gender.MALE: "nam", User.Gender.FEMALE: "nu"}


def sources(
    user: User, version: ProcedureVersion, agency_name: str, dossier: Dossier | None = None
) -> dict[str, Any]:
    """Values by `prefill` source of the forms (`prefill_sources` in eforms.json), and by `answers.BY_MEANING`; what is
    unknown is left out.

    The submitter is whoever is signed in. The owner is the organisation the person acts for, or whom the person has
    named as principal: of a principal only name and number are known here.
    """
    submitter = _person(user)
    found = {f"submitter.{name}": value for name, value in submitter.items()}
    holder = (dossier.organisation if dossier else None) or user
    if dossier is not None and dossier.on_behalf:
        of_owner, business = _principal(dossier)
    elif holder.kind == User.Kind.ORGANISATION:
        of_owner, business = _organisation(holder)
    else:
        kept = ("full_name", "birth_date", "gender", "person_id", "phone", "email")
        of_owner, business = {name: submitter[name] for name in kept}, {}
        of_owner |= {"kind": "ca_nhan", "tax_code": user.tax_code, "address": submitter["current_address"]}
    found |= {f"owner.{name}": value for name, value in of_owner.items()}
    found |= {f"business.{name}": value for name, value in business.items()}
    if dossier is not None:
        found |= _filing(dossier)
    found |= {
        "agency.name": agency_name,
        "procedure.name": version.name,
        "procedure.result_name": version.result_name,
    }
    return {name: value for name, value in found.items() if value not in EMPTY}


def _filing(dossier: Dossier) -> dict[str, Any]:
    """In which capacity somebody files. Whether a member of an organisation is its legal representative is not known."""
    if dossier.on_behalf:
        return {"filing.role": "uy_quyen", "filing.basis": "uy_quyen"}
    return {} if dossier.organisation_id else {"filing.role": "chu_ho_so"}


def _person(user: User) -> dict[str, Any]:
    address = address_of(user)
    return {
        "full_name": "" if user.kind == User.Kind.ORGANISATION else user.full_name,
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


def _organisation(holder: User) -> tuple[dict[str, Any], dict[str, Any]]:
    """(owner, business) of an organisation's account."""
    contact = {"address": address_of(holder), "phone": holder.phone, "email": holder.email}
    owner = {"kind": "to_chuc", "organisation_name": holder.full_name, "tax_code": holder.tax_code}
    return owner | contact, {"name": holder.full_name, "code": holder.tax_code} | contact


def _principal(dossier: Dossier) -> tuple[dict[str, Any], dict[str, Any]]:
    """(owner, business) of whom somebody acts for."""
    name, number = dossier.owner_name, dossier.owner_id
    if dossier.owner_kind == Dossier.OwnerKind.ORGANISATION:
        owner = {"kind": "to_chuc", "organisation_name": name, "tax_code": number}
        return owner, {"name": name, "code": number}
    return {"kind": "ca_nhan", "full_name": name, "person_id": number}, {}


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
