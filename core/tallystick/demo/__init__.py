"""A sample MSP to try everything on: an invented company, its tools' exports and its bank.

    write_project(folder)                          tallystick.toml and mapping files, commented
    write_exports(folder, MONTHS[0])               what PSA and RMM export at the end of July
    write_statement(folder, month, pain008, ...)   what the bank's camt.053 of a month says

`folder` is always the project's, the one with tallystick.toml. Nothing here looks at a clock
or at chance: the same call writes the same bytes.
"""

from tallystick.demo.bank import RETURNS, Return, Transfer, write_statement
from tallystick.demo.exports import write_exports
from tallystick.demo.project import write_project
from tallystick.demo.work import MONTHS

__all__ = [
    "MONTHS",
    "RETURNS",
    "Return",
    "Transfer",
    "write_exports",
    "write_project",
    "write_statement",
]
