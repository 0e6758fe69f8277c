"""What the citizen pages keep for themselves."""

from portal.models.accounts import (
    AccountChange,
    AccountCorrection,
    AccountReading,
    AccountRequest,
    EidLink,
)
from portal.models.attempts import Attempt, KeptPage
from portal.models.catalogue import BlankForm, ProcessingTime
from portal.models.codes import OneTimeCode
from portal.models.feedback import (
    Feedback,
    FeedbackAnswer,
    FeedbackEvent,
    FeedbackFile,
    FeedbackHolding,
    FeedbackReading,
)
from portal.models.pages import SavedPage
from portal.models.surveys import SurveyAnswer, SurveyTaken
from portal.models.uploads import Upload

__all__ = [
    "AccountChange",
    "AccountCorrection",
    "AccountReading",
    "AccountRequest",
    "Attempt",
    "BlankForm",
    "EidLink",
    "Feedback",
    "FeedbackAnswer",
    "FeedbackEvent",
    "FeedbackFile",
    "FeedbackHolding",
    "FeedbackReading",
    "KeptPage",
    "OneTimeCode",
    "ProcessingTime",
    "SavedPage",
    "SurveyAnswer",
    "SurveyTaken",
    "Upload",
]
