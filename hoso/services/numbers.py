"""Dossier codes, submission references and paper numbers: without gaps or duplicates, whoever asks at once."""

import secrets
from datetime import datetime
from typing import Protocol

from django.db import connection
from django.utils import timezone

from danhmuc.models import Agency, RuleSet
from hoso.models import Dossier, NumberSeries

#: No letter or digit that is read two ways over the telephone.
_ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
DEFAULT_CODE_TEMPLATE = "{agency}-{date:%y%m%d}-{serial:04d}"


class Series(Protocol):
    """Gives the next number of a series."""

    def next(self, key: str) -> int:
        """The number after the last one given, from 1."""
        ...

    def reference(self) -> str:
        """A new submission reference."""
        ...


class DatabaseSeries:
    """Numbers from the database. The row stays locked until the transaction ends, so a rollback leaves no gap."""

    def next(self, key: str) -> int:
        """The next number of the series named by `key`."""
        with connection.cursor() as cursor:
            cursor.execute(
                f"INSERT INTO {NumberSeries._meta.db_table} (key, last) VALUES (%s, 1) "
                f"ON CONFLICT (key) DO UPDATE SET last = {NumberSeries._meta.db_table}.last + 1 RETURNING last",
                [key],
            )
            (number,) = cursor.fetchone()
        return int(number)

    def reference(self) -> str:
        """Random, so that nobody can count or guess submissions; unlike a dossier code at first sight (§6.4)."""
        return "NT-" + "".join(secrets.choice(_ALPHABET) for _ in range(9))


def code_agency(dossier: Dossier, rules: RuleSet) -> Agency:
    """Whose identifier opens the code: the receiving agency until 30/6/2025 (TT01/18 Art 19), since then the one
    competent to resolve (NĐ118 Art 28.2a). Vertical agencies have none of the province's; the desk's stands in.
    """
    resolving = dossier.resolving_agency
    if rules.values.get("code_agency", "RESOLVING") == "RECEIVING" or not resolving.identifier:
        return dossier.desk.agency
    return resolving


def dossier_code(series: Series, dossier: Dossier, rules: RuleSet, at: datetime) -> str:
    """The code given at acceptance; the serial restarts each day for each agency and grows past 9999 (§6.4)."""
    agency = code_agency(dossier, rules)
    legacy = rules.values.get("code_identifier") == "legacy"
    identifier = (
        (agency.legacy_identifier if legacy else agency.identifier) or agency.identifier or agency.key
    )
    day = timezone.localtime(at)
    serial = series.next(f"dossier:{identifier}:{day:%y%m%d}")
    template: str = rules.values.get("dossier_code_template", DEFAULT_CODE_TEMPLATE)
    return template.format(agency=identifier, date=day, serial=serial)


def paper_number(series: Series, kind: str, agency: Agency, at: datetime) -> int:
    """The next number of a kind of paper at an agency in a year; starts at 1 on 1 January (NĐ30)."""
    return series.next(f"paper:{kind}:{agency.pk}:{timezone.localtime(at).year}")


def number_of_year(series: Series, key: str, symbol: str, at: datetime) -> str:
    """The next number of a series that begins anew each year and says so, to differ for ever: "0012/BBGN-2026"."""
    year = timezone.localtime(at).year
    return f"{series.next(f'{key}:{year}'):04d}/{symbol}-{year}"


def document_number(series: Series, agency: Agency, at: datetime, symbol: str = "KQ") -> str:
    """Number and symbol of an issued document: below 10 with a leading zero (NĐ30), e.g. "07/KQ-UBND"."""
    number = series.next(f"document:{agency.pk}:{timezone.localtime(at).year}")
    return f"{number:02d}/{symbol}-{agency_abbreviation(agency)}"


def agency_abbreviation(agency: Agency) -> str:
    """Abbreviation in document symbols: initials of the agency's name, UBND for committees."""
    name = agency.short_name or agency.name
    if "Ủy ban nhân dân" in name or name.startswith("UBND"):
        return "UBND"
    kept = [word for word in name.split() if word[:1].isupper()]
    return "".join(word[0] for word in kept)[:8].upper() or "CQ"
