"""What the citizen pages keep for themselves."""

from portal.models.accounts import AccountChange, AccountRequest, EidLink
from portal.models.attempts import Attempt, KeptPage
from portal.models.codes import OneTimeCode
from portal.models.surveys import SurveyAnswer, SurveyTaken

__all__ = [
    "AccountChange",
    "AccountRequest",
    "Attempt",
    "EidLink",
    "KeptPage",
    "OneTimeCode",
    "SurveyAnswer",
    "SurveyTaken",
]
