"""Visits Latchkey's pages as a browser without script does: forms found by the words on their
buttons and fields."""

import re
from html.parser import HTMLParser
from urllib.parse import urljoin

import requests


class Form:
    def __init__(self, attributes):
        self.action = attributes.get("action")
        self.method = attributes.get("method", "get")
        self.fields = []  # name and value; no value: not sent unless it is filled
        self.ids = {}  # of a field: its name
        self.labels = {}  # of a label: its field's id
        self.buttons = {}  # of a button: its name and value


class _Forms(HTMLParser):
    """The forms of a page."""

    def __init__(self, html):
        super().__init__()
        self.forms = []
        self._form = self._words = None
        self._label = self._button = {}
        self.feed(html)

    def handle_starttag(self, tag, pairs):
        attributes = {name: value or "" for name, value in pairs}
        if tag == "form":
            self._form = Form(attributes)
            self.forms.append(self._form)
        elif self._form is None:
            return
        elif tag in ("input", "textarea", "select"):
            empty = tag == "select" or (
                attributes.get("type") in ("checkbox", "radio") and "checked" not in attributes
            )
            self._form.fields.append(
                [attributes.get("name"), None if empty else attributes.get("value", "")]
            )
            self._form.ids[attributes.get("id")] = attributes.get("name")
            # A label around its field.
            self._label.setdefault("for", attributes.get("id"))
        elif tag == "option":
            field = self._form.fields[-1]
            if field[1] is None or "selected" in attributes:
                field[1] = attributes.get("value", "")
        elif tag in ("label", "button"):
            self._words = []
            self._label, self._button = (attributes, {}) if tag == "label" else ({}, attributes)

    def handle_data(self, data):
        if self._words is not None:
            self._words.append(data)

    def handle_endtag(self, tag):
        if tag == "form":
            self._form = None
        elif tag in ("label", "button") and self._words is not None:
            words, self._words = "".join(self._words).strip(), None
            if tag == "label":
                self._form.labels[words] = self._label.get("for")
            else:
                self._form.buttons[words] = (
                    self._button.get("name"),
                    self._button.get("value", ""),
                )


class Visitor:
    """A browser without script, and the page it is at."""

    def __init__(self, base):
        self.base = base
        self.page = None
        self._session = requests.Session()
        self._session.headers["Accept"] = "text/html"
        # One that is kept may be closed by a proxy that is reloaded just as it is used again.
        self._session.headers["Connection"] = "close"

    def go(self, path):
        self._open(self._session.get(urljoin(self.base, path), timeout=30))

    def cookies(self):
        """What the browser has of this site."""
        return self._session.cookies

    def token(self):
        """The new one that the page shows; none: it shows none."""
        found = re.search(r"latchkey_[0-9A-Za-z]{36}", self.page.text)
        return found and found[0]

    def press(self, button, fields=None):
        """Fills the form that has this button, by its fields' labels, and sends it. True ticks a
        box."""
        form = next((form for form in _Forms(self.page.text).forms if button in form.buttons), None)
        assert form is not None, f"{self.page.url} has no form with a button “{button}”"
        data = {
            name: value
            for name, value in [*form.fields, form.buttons[button]]
            if name and value is not None
        }
        for label, value in (fields or {}).items():
            assert label in form.labels, (
                f"the form of “{button}” has no field “{label}”, only {list(form.labels)}"
            )
            data[form.ids[form.labels[label]]] = "true" if value is True else value
        content = {"data": data} if form.method == "post" else {"params": data}
        headers = {"Origin": self.base, "Referer": self.page.url}
        self._open(
            self._session.request(
                form.method,
                urljoin(self.page.url, form.action),
                headers=headers,
                timeout=30,
                **content,
            )
        )

    def _open(self, page):
        assert page.ok, f"{page.url} answers {page.status_code}"
        self.page = page
