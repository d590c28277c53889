"""A person's browser at Request Tracker: its cookies, and its own log-in."""

import json
import re

import requests


class Browser:
    def __init__(self, url):
        self.url = url
        self.session = requests.Session()
        # RT takes a change by its cookie from its own pages alone, by REST as well.
        self.session.headers["Referer"] = url + "/"

    def get(self, path, headers=None):
        return self.session.get(self.url + path, headers=headers, timeout=60)

    def post(self, path, data, headers=None):
        return self.session.post(self.url + path, data=data, headers=headers, timeout=60)

    def log_in(self, name, password):
        return self.post("/", {"user": name, "pass": password})

    def me(self, headers=None):
        """The user whom RT's start page says is logged in; nobody: empty."""
        user = re.search(r"RT\.CurrentUser = ({.*?});", self.get("/", headers).text)
        return json.loads(user[1]) if user else {}

    def who(self, headers=None):
        """Their name; nobody: None."""
        return self.me(headers).get("Name")
