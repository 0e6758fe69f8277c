from buuchinh.models.handovers import HandoverCode, HandoverLine, HandoverRecord
from buuchinh.models.money import FeeReceipt, RemittanceBatch, RemittanceLine
from buuchinh.models.parcels import ConsignmentNote, Invitation, Parcel, ParcelEvent, TrackingPool

__all__ = [
    "ConsignmentNote",
    "FeeReceipt",
    "HandoverCode",
    "HandoverLine",
    "HandoverRecord",
    "Invitation",
    "Parcel",
    "ParcelEvent",
    "RemittanceBatch",
    "RemittanceLine",
    "TrackingPool",
]
