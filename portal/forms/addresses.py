"""The address of an account."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from danhmuc.models import Place, User
from hoso.forms.eform_places import PlaceField, Places
from portal import identity
from portal.services import addresses


class AddressForm(forms.Form):
    """Where one lives, in the units of either era; and, where several went into one, which it was before."""

    use_required_attribute = False

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("initial", {"address": identity.address_of(user), "before": user.old_place_id})
        super().__init__(*args, **kwargs)
        self.fields["address"] = PlaceField(
            label=_("Nơi ở hiện nay"),
            places=Places(),
            whole=True,
            help_text=_("Chỉ nhớ tên xã, phường cũ thì chọn “Tên cũ”; hệ thống tự tìm tên hiện nay."),
        )
        place = user.place
        older = addresses.came_from(place) if place and place.era == Place.Era.TWO_LEVEL else []
        if len(older) > 1:
            self.fields["before"] = forms.TypedChoiceField(
                label=_("Trước 01/7/2025, nơi này thuộc"),
                required=False,
                coerce=int,
                empty_value=None,
                choices=[("", _("Không nhớ")), *((p.pk, p.full_name) for p in older)],
            )

    def clean_address(self) -> dict[str, Any]:
        """An account's address lies in this country; letters of the portal go there."""
        answer: dict[str, Any] = self.cleaned_data["address"]
        if answer.get("country", "VN") != "VN":
            raise ValidationError(_("Chọn nơi ở trong nước; địa chỉ nước ngoài khai trong từng hồ sơ"))
        return answer
