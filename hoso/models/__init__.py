from hoso.lifecycle import HoldKind, Outcome, State
from hoso.models.amendments import Amendment, AmendmentFile
from hoso.models.bank import BankLine, Statement
from hoso.models.charges import Charge, Payment, ReliefClaim
from hoso.models.documents import Document, Paper, StoredFile
from hoso.models.dossiers import AccessLog, Dossier, NumberSeries, PostalChoice
from hoso.models.events import Event
from hoso.models.letters import Letter
from hoso.models.notices import Notice
from hoso.models.receipts import Receipt, Refund
from hoso.models.supplements import CorrectionCase, Supplement, SupplementItem
from hoso.models.work import AgencyTask, Handover

__all__ = [
    "AccessLog",
    "AgencyTask",
    "Amendment",
    "AmendmentFile",
    "BankLine",
    "Charge",
    "CorrectionCase",
    "Document",
    "Dossier",
    "Event",
    "Handover",
    "HoldKind",
    "Letter",
    "Notice",
    "NumberSeries",
    "Outcome",
    "Paper",
    "Payment",
    "PostalChoice",
    "Receipt",
    "Refund",
    "ReliefClaim",
    "State",
    "Statement",
    "StoredFile",
    "Supplement",
    "SupplementItem",
]
