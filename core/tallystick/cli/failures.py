"""What a command says when it fails: one sentence, never a traceback."""

from __future__ import annotations

from cyclopts import CycloptsError, UnusedCliTokensError

from tallystick.errors import TallystickError, of_machine

DATABASE = {
    "database is locked": "The database is busy with another run. Let that finish, then try again.",
    "unable to open database file": "The database file cannot be opened. Check that the folder of "
    "[store] url in tallystick.toml exists and that you may write there.",
    "attempt to write a readonly database": "The database may not be written. "
    "Check the rights of its file and its folder.",
    "file is not a database": "The file that [store] url names is no database. "
    "Name another file, or move that one away.",
    "database or disk is full": "The disk is full. Make room, then run it again.",
}
"""What SQLite reports, and what that means for the person in front of it."""


def sentence(error: Exception) -> str:
    """What happened and what to do, for any failure."""
    if isinstance(error, TallystickError):
        return str(error)
    if (cause := getattr(error, "orig", None)) is not None:
        return _database(_first_line(cause))
    if type(error).__name__ == "NoSuchModuleError" or getattr(error, "name", "") == "psycopg":
        return (
            "The [store] url in tallystick.toml names a kind of database that is not installed. "
            "Write sqlite:///file, or postgresql+psycopg://host/name with `tallystick[postgres]`."
        )
    if isinstance(error, OSError) and error.strerror:
        return str(of_machine(error))
    return (
        f"This should not have happened: {type(error).__name__}: {_first_line(error)}. "
        "What was committed stays. Run it again; if it comes back, report it with what "
        "TALLYSTICK_DEBUG=1 shows."
    )


def misused(error: CycloptsError) -> str:
    """What is wrong with the command line, and where its right form stands."""
    command = " ".join(("tallystick", *(error.command_chain or ())))
    error.verbose = False
    what = str(error)
    if isinstance(error, UnusedCliTokensError):
        what = f"`{command}` does not take {' '.join(error.unused_tokens or ())!r}."
    return f"{what} `{command} --help` shows what it takes."


def _database(reported: str) -> str:
    for sign, meaning in DATABASE.items():
        if sign in reported:
            return meaning
    return (
        f"The database failed: {reported}. What was committed stays. Mend that and run it again; "
        "TALLYSTICK_DEBUG=1 shows all of it."
    )


def _first_line(error: BaseException) -> str:
    return next(iter(str(error).splitlines()), "").rstrip(".")
