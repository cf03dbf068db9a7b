"""A Redmine of ours: answers of a real 5.0.4, its limit of 100 rows, the filters it ignores."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import httpx

KEY = "redmine-canary-key"
CLOSING = (5, 6)
"""Statuses that close an issue: Closed and Rejected, as a new Redmine numbers them."""


class Redmine(httpx.BaseTransport):
    def __init__(self, entries: int = 3) -> None:
        self.projects = [self._project(1, "Acme Dental"), self._project(2, "Zeppelin Logistics")]
        self.users = [{"id": 5, "login": "ann", "firstname": "Ann", "lastname": "Lee"}]
        self.issues: list[dict[str, Any]] = []
        self.entries: list[dict[str, Any]] = []
        self.make({"project_id": 1, "tracker_id": 3, "subject": "Printer"})
        self.make({"project_id": 1, "tracker_id": 4, "subject": "PC-01"})
        for number in range(1, entries + 1):
            self.enter(number, f"2026-08-{1 + number % 28:02}")

    def enter(self, number: int, day: str) -> None:
        self.entries.append(
            {
                "id": number,
                "project": {"id": 1, "name": "Acme Dental"},
                "issue": {"id": 1},
                "user": {"id": 5, "name": "Ann Lee"},
                "activity": {"id": 8, "name": "Remote"},
                "hours": 1.25,
                "comments": "Cable",
                "spent_on": day,
                "updated_on": "2026-08-20T10:00:00Z",
            }
        )

    def make(self, told: Mapping[str, Any]) -> dict[str, Any]:
        project = next(one for one in self.projects if one["id"] == int(told["project_id"]))
        issue = {
            "id": len(self.issues) + 1,
            "project": {"id": project["id"], "name": project["name"]},
            "tracker": {"id": told["tracker_id"], "name": f"Tracker {told['tracker_id']}"},
            "status": {"id": 1, "name": "New", "is_closed": False},
            "priority": {"id": 2, "name": "Normal"},
            "subject": told["subject"],
            "custom_fields": [dict(one) for one in told.get("custom_fields", ())],
            "created_on": "2026-08-03T07:30:00Z",
            "updated_on": "2026-08-20T10:00:00Z",
            "closed_on": None,
        }
        self.issues.append(issue)
        return issue

    def change(self, ref: int, told: Mapping[str, Any]) -> None:
        issue = self.issues[ref - 1]
        for name, value in told.items():
            if name == "status_id":
                over = int(value) in CLOSING
                issue["status"] = {"id": int(value), "name": f"S{value}", "is_closed": over}
                issue["closed_on"] = "2026-10-01T12:00:00Z" if over else None
            elif name == "notes":
                issue.setdefault("journals", []).append({"notes": value})
            elif name.endswith("_id"):
                issue[name.removesuffix("_id")] = {"id": int(value)}
            else:
                issue[name] = value
        issue["updated_on"] = "2026-10-01T12:00:00Z"

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        body = request.read()
        if request.headers.get("x-redmine-api-key") != KEY:
            return httpx.Response(401, request=request)
        status, answer = self.answer(request.method, request.url.path, request.url.params, body)
        if answer is None:
            return httpx.Response(status, request=request)
        return httpx.Response(status, json=answer, request=request)

    def answer(
        self, method: str, path: str, query: Mapping[str, str], body: bytes
    ) -> tuple[int, Any]:
        match method, path.removesuffix(".json").split("/")[1:]:
            case "GET", ["users", "current"]:
                return 200, {"user": self.users[0]}
            case "GET", ["projects"]:
                return 200, self._page("projects", self.projects, query)
            case "GET", ["users"]:
                return 200, self._page("users", self.users, query)
            case "GET", ["time_entries"]:
                rows = [one for one in self.entries if one["spent_on"] >= query.get("from", "")]
                return 200, self._page("time_entries", rows, query)
            case "GET", ["issues"]:
                return 200, self._page(
                    "issues", [one for one in self.issues if self._asked(one, query)], query
                )
            case "GET", ["issues", ref]:
                return 200, {"issue": self.issues[int(ref) - 1]}
            case "POST", ["issues"]:
                told = json.loads(body)["issue"]
                if not told.get("subject"):
                    return 422, {"errors": ["Subject cannot be blank"]}
                return 201, {"issue": self.make(told)}
            case "PUT", ["issues", ref]:
                self.change(int(ref), json.loads(body)["issue"])
                return 204, None
        return 404, None

    def _asked(self, issue: Mapping[str, Any], query: Mapping[str, str]) -> bool:
        for name, value in query.items():
            if name == "tracker_id":
                of_it = str(issue["tracker"]["id"]) in value.removeprefix("!").split("|")
                if of_it == value.startswith("!"):
                    return False
            if name == "updated_on" and issue["updated_on"] < value.removeprefix(">="):
                return False
            if name.startswith("cf_"):
                fields = {f"cf_{one['id']}": one["value"] for one in issue["custom_fields"]}
                if fields.get(name) not in value.split("|"):
                    return False
        return True

    def _page(self, name: str, rows: list[Any], query: Mapping[str, str]) -> dict[str, Any]:
        start, size = int(query.get("offset", 0)), min(100, int(query.get("limit", 25)))
        return {
            name: rows[start : start + size],
            "total_count": len(rows),
            "offset": start,
            "limit": size,
        }

    @staticmethod
    def _project(ref: int, name: str) -> dict[str, Any]:
        return {"id": ref, "name": name, "identifier": name.lower().replace(" ", "-"), "status": 1}
