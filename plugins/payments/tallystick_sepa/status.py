"""Status reports of the bank: what it will not collect, and why.

Format: ISO 20022 CustomerPaymentStatusReport (pain.002). A report is about one of our messages,
and rejects all of it, a payment block of it, or single debits. What it does not reject is on its
way; only the statement says that money came.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from xml.etree.ElementTree import Element

from defusedxml.common import DefusedXmlException  # type: ignore[import-untyped]  # package ships no type hints
from defusedxml.ElementTree import fromstring  # type: ignore[import-untyped]  # package ships no type hints

from tallystick.errors import Stop

REJECTED: Final = "RJCT"
BYTES_MAX: Final = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Report:
    """What one report rejects of the message `original`: reason codes, empty where it gives none.
    `group` is None unless the whole message is rejected; `debits` has None for one that is not."""

    original: str
    group: str | None
    blocks: Mapping[str, str]
    debits: Mapping[str, str | None]

    def why(self, block: str, key: str) -> str | None:
        """Why a debit is rejected, None when it is not; what is said of it alone goes first."""
        if key in self.debits:
            return self.debits[key]
        return self.blocks.get(block, self.group)


def read_report(body: bytes) -> Report:
    """Raises `ValueError` for anything but a pain.002 message, and for one with a DTD."""
    try:
        document = fromstring(body, forbid_dtd=True)
    except (SyntaxError, DefusedXmlException) as error:
        raise ValueError(str(error) or type(error).__name__) from error
    report = document.find("{*}CstmrPmtStsRpt")
    if report is None:
        raise ValueError("it has no CstmrPmtStsRpt")
    group = report.find("{*}OrgnlGrpInfAndSts")
    original = "" if group is None else group.findtext("{*}OrgnlMsgId", "")
    if group is None or not original:
        raise ValueError("it does not say which message it is about")
    blocks = report.findall("{*}OrgnlPmtInfAndSts")
    rejected = {
        one.findtext("{*}OrgnlPmtInfId", ""): _reason(one)
        for one in blocks
        if one.findtext("{*}PmtInfSts") == REJECTED
    }
    debits = {
        debit.findtext("{*}OrgnlEndToEndId", ""): (
            _reason(debit) if debit.findtext("{*}TxSts") == REJECTED else None
        )
        for one in blocks
        for debit in one.iterfind("{*}TxInfAndSts")
        if debit.findtext("{*}TxSts")
    }
    whole = _reason(group) if group.findtext("{*}GrpSts") == REJECTED else None
    return Report(original, whole, rejected, debits)


def _reason(of: Element) -> str:
    reason = of.find("{*}StsRsnInf/{*}Rsn")
    return "" if reason is None else reason.findtext("{*}Cd") or reason.findtext("{*}Prtry") or ""


class Inbox:
    """The reports in a folder, each read once."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._read: set[str] = set()
        self._reports: list[Report] = []

    def why_rejected(self, message_id: str, block: str, key: str) -> str | None:
        """The reason code of the bank for rejecting a debit of ours; None when it did not.

        Raises `Stop` for a file that is no report: it may be the one that rejects it.
        """
        self._look()
        reasons = (one.why(block, key) for one in self._reports if one.original == message_id)
        return next((reason for reason in reasons if reason is not None), None)

    def _look(self) -> None:
        for path in self._files():
            try:
                if path.stat().st_size > BYTES_MAX:
                    raise ValueError("it is too large")
                report = read_report(path.read_bytes())
            except (ValueError, OSError) as error:
                raise Stop(
                    f"{path} is not a pain.002 status report: {error}.",
                    do="Take it out of the folder, or have the bank send it again.",
                ) from error
            self._read.add(path.name)
            self._reports.append(report)

    def _files(self) -> Iterable[Path]:
        if self._folder is None or not self._folder.is_dir():
            return []
        found = (path for path in self._folder.iterdir() if not path.name.startswith("."))
        return sorted(path for path in found if path.is_file() and path.name not in self._read)
