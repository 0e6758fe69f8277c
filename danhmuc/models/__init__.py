from danhmuc.models.accounts import Position, SignInGuard, User
from danhmuc.models.agencies import Agency, AgencySuccession, Desk
from danhmuc.models.calendars import Calendar, CalendarDay, CalendarVersion, WorkSession
from danhmuc.models.organisations import Membership
from danhmuc.models.places import Place, PlaceSuccession
from danhmuc.models.procedures import (
    ChargeRule,
    Component,
    Field,
    Procedure,
    ProcedureVersion,
    RouteStep,
)
from danhmuc.models.reliefs import ChargeRelief
from danhmuc.models.rules import RuleSet
from danhmuc.models.tariffs import PostalTariff
from danhmuc.models.wording import LifeEvent, SearchWord, Synonym, WordingChange

__all__ = [
    "Agency",
    "AgencySuccession",
    "Calendar",
    "CalendarDay",
    "CalendarVersion",
    "ChargeRelief",
    "ChargeRule",
    "Component",
    "Desk",
    "Field",
    "LifeEvent",
    "Membership",
    "Place",
    "PlaceSuccession",
    "Position",
    "PostalTariff",
    "Procedure",
    "ProcedureVersion",
    "RouteStep",
    "RuleSet",
    "SearchWord",
    "SignInGuard",
    "Synonym",
    "User",
    "WordingChange",
    "WorkSession",
]
