"""Papers handed in at a post counter or to a carrier without any submission before: a draft of the postal channel.

The dossier stays a draft until the desk signs the handover record; that signing is the submission (QĐ45 7.4).
"""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from buuchinh import access
from buuchinh.lifecycle import Leg
from buuchinh.models import Parcel
from buuchinh.services import booking
from danhmuc.models import Agency, Desk, Place, ProcedureVersion, User
from hoso.models import Dossier, PostalChoice
from hoso.services.case import write
from hoso.services.dossiers import open_draft
from hoso.services.errors import Refused


@transaction.atomic
def receive(
    *,
    by: User,
    version: ProcedureVersion,
    desk: Desk,
    agency: Agency,
    owner_name: str,
    owner_id: str,
    phone: str,
    address: str,
    place: Place | None,
    submitter_name: str = "",
    authority_note: str = "",
    wants_result: bool,
    at: datetime | None = None,
) -> Parcel:
    """Open the draft and a parcel in the clerk's own hands; papers and fee are then taken by `pickup.collect`.

    An existing citizen's account with this identity number becomes the applicant. Raises Refused when the procedure
    may not be handed in by post.
    """
    moment = at or timezone.now()
    position = next((p for p in by.positions_on() if p.role in access.CARRYING), None)
    if position is None:
        raise Refused("Chỉ nhân viên bưu điện đang làm nhiệm vụ mới nhận hồ sơ qua bưu chính.")
    if not version.postal_intake_allowed:
        reason = version.postal_reason or "người nộp phải có mặt"
        raise Refused(f"Thủ tục này không nhận hồ sơ qua bưu chính: {reason}.")
    service = PostalChoice.Service.SEND
    if wants_result and version.postal_return_allowed:
        service = PostalChoice.Service.BOTH
    applicant = (
        User.objects.filter(kind=User.Kind.CITIZEN, personal_id=owner_id).first() if owner_id else None
    )
    returns = service == PostalChoice.Service.BOTH
    case = open_draft(
        version,
        by=by,
        desk=desk,
        agency=agency,
        channel=Dossier.Channel.POST,
        at=moment,
        applicant=applicant,
        owner_name=owner_name,
        owner_id=owner_id,
        submitter_name=submitter_name or owner_name,
        authority_note=authority_note,
        phone=phone,
        email=applicant.email if applicant else "",
        address=address,
        place=place,
        papers_by=Dossier.PapersBy.POST,
        return_by=Dossier.ReturnBy.POST if returns else Dossier.ReturnBy.COUNTER,
    )
    choice = case.add(
        PostalChoice(
            dossier=case.dossier,
            service=service,
            pickup_address=address,
            pickup_place=place,
            delivery_address=address if returns else "",
            delivery_place=place if returns else None,
            receiver=owner_name,
            phone=phone,
            registered_by="post_point",
            registered_at=moment,
        )
    )
    write([case])
    dossier = Dossier.objects.select_related("version", "desk__serves__place").get(pk=case.dossier.pk)
    return booking.book(dossier, Leg.PICKUP, choice, at=moment, by=by, carrier=by, unit=position.agency)
