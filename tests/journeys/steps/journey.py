"""The stage of the journey: one browser window in which the actors take turns, and a camera.

A step is a function of `Journey`. It clicks and types, never calls the domain; what a worker does in the background is asked for
with `perform_outbox`.
"""

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from playwright.sync_api import Locator, Page, Response, expect

from tests.journeys.steps.worker import Finished, celery_worker

WIDE = {"width": 1280, "height": 900}
NARROW = {"width": 360, "height": 780}
NBSP = "\u00a0"

APPLICANT = "aanvrager@demo.example"
CASE_HANDLER = "dossier@demo.example"
SECOND_READER = "dossier2@demo.example"
EXPERTS = ("expert1@demo.example", "expert2@demo.example")
COMMITTEE_MEMBER = "comite1@demo.example"
SECRETARY = "secretaris@demo.example"
ACCOUNT_MANAGER = "account@demo.example"
FINANCIAL_OFFICER = "finance@demo.example"
POLICY_READER = "beleid@demo.example"
ADMINISTRATOR = "beheer@demo.example"


def euro(amount: str) -> str:
    """`euro("150.000")` as pages print it: a no-break space between sign and figure."""
    return f"€{NBSP}{amount}"


@dataclass
class Journey:
    page: Page
    url: str
    album: Path
    title: str = "Circulaire Bouwketen Vlaanderen"
    number: str = ""
    network: str = ""
    code: str = ""
    faults: list[str] = field(default_factory=list)
    taken: int = 0

    def __post_init__(self) -> None:
        self.page.on("response", self._note_response)
        self.page.on("console", self._note_console)
        self.page.on("pageerror", lambda error: self.faults.append(f"{self.page.url}: {error}"))

    def _note_response(self, response: Response) -> None:
        if response.status >= 500:
            self.faults.append(f"{response.status} {response.request.method} {response.url}")

    def _note_console(self, message: Any) -> None:
        # The browser reports every refused form (409, 422) and hidden page (404) itself: those are answers, not faults.
        if message.type == "error" and "the server responded with a status of 4" not in message.text:
            self.faults.append(f"{self.page.url}: {message.text}")

    # ------------------------------------------------------------ who and when

    def become(self, email: str) -> None:
        """Somebody else takes the seat, by the form of the demo; he or she lands on "Mijn werk"."""
        bar = self._open_demo_bar()
        bar.get_by_label("Persoon").select_option(email)
        bar.get_by_role("button", name="Wissel").click()
        self.sees_heading("Mijn werk")

    def travel(self, moment: str) -> None:
        """To one of the moments of the demo, by the form of the demo; the page stays the same."""
        bar = self._open_demo_bar()
        bar.get_by_label("Moment").select_option(moment)
        bar.get_by_role("button", name="Zet de klok").click()
        self.sees("De klok van de demo staat op")

    def _open_demo_bar(self) -> Locator:
        bar = self.page.get_by_role("complementary", name="Demo")
        bar.get_by_text("wijzig").click()
        return bar

    def leave(self) -> None:
        """Log out: from here on it is a visitor."""
        self.page.get_by_role("banner").get_by_text(re.compile("^[A-Z].* [A-Z]")).first.click()
        self.page.get_by_role("button", name="Afmelden").click()

    # ------------------------------------------------------------ where

    def visit(self, path: str) -> Response | None:
        return self.page.goto(self.url + path)

    def follow(self, name: str | re.Pattern[str], *, within: Locator | None = None, exact: bool = False) -> None:
        """Click a link by its text."""
        (within or self.page).get_by_role("link", name=name, exact=exact).first.click()
        self.page.wait_for_load_state()

    def press(self, name: str | re.Pattern[str], *, within: Locator | None = None) -> None:
        """Click a button by its text."""
        (within or self.page).get_by_role("button", name=name).first.click()
        self.page.wait_for_load_state()

    def task(self, title: str, *, action: str = "") -> None:
        """From "Mijn werk" to what waits there: one click."""
        self.visit("/werk/")
        cards = self.page.get_by_role("article").filter(has_text=title)
        if action:
            cards = cards.filter(has_text=action)
        cards.first.get_by_role("link").first.click()
        self.page.wait_for_load_state()

    # ------------------------------------------------------------ what is there

    @property
    def main(self) -> Locator:
        return self.page.get_by_role("main")

    def sees(self, *texts: str | re.Pattern[str]) -> None:
        """Each text stands on the page, visible."""
        for text in texts:
            expect(self.page.get_by_text(text).locator("visible=true").first).to_be_visible()

    def sees_heading(self, name: str | re.Pattern[str]) -> None:
        expect(self.page.get_by_role("heading", name=name).first).to_be_visible()

    def sees_not(self, *texts: str | re.Pattern[str]) -> None:
        for text in texts:
            expect(self.page.get_by_text(text)).to_have_count(0)

    def reads(self, *texts: str) -> None:
        """Each text is somewhere in the main part, however it is spread over elements."""
        for text in texts:
            expect(self.main).to_contain_text(text)

    # ------------------------------------------------------------ forms

    def fill(self, fields: dict[str, str], *, within: Locator | None = None) -> None:
        """Type into each field, found by how its label begins."""
        for label, value in fields.items():
            (within or self.main).get_by_label(re.compile(f"^{re.escape(label)}")).first.fill(value)

    def choose(self, label: str, containing: str) -> None:
        """The first option of a list with that text in it, in capitals or not."""
        select = self.main.get_by_role("combobox", name=re.compile(f"^{re.escape(label)}")).first
        option = select.get_by_role("option").filter(has_text=re.compile(re.escape(containing), re.IGNORECASE)).first
        select.select_option(option.get_attribute("value"))

    def choose_file(self, label: str, upload: SimpleUploadedFile | tuple[str, str, bytes]) -> None:
        self.page.get_by_label(label).first.set_input_files(self.payload(upload))

    @staticmethod
    def payload(upload: SimpleUploadedFile | tuple[str, str, bytes]) -> Any:
        """A file as the browser takes it: of the story's papers, or (name, type, content)."""
        if isinstance(upload, tuple):
            name, kind, content = upload
            return {"name": name, "mimeType": kind, "buffer": content}
        return {
            "name": upload.name,
            "mimeType": upload.content_type or "application/octet-stream",
            "buffer": upload.read(),
        }

    def download(self, click: Callable[[], None]) -> bytes:
        """What a click downloads."""
        with self.page.expect_download() as waiting:
            click()
        return Path(waiting.value.path()).read_bytes()

    # ------------------------------------------------------------ the camera, and the world behind the page

    def shot(self, name: str, *, narrow: bool = False) -> None:
        """A picture of the whole page; `narrow` as on a telephone, without sideways scrolling."""
        self.taken += 1
        path = self.album / f"{self.taken:02d}-{name}.jpg"
        if not narrow:
            self.page.screenshot(path=path, full_page=True, quality=80)
            return
        self.page.set_viewport_size(NARROW)
        width = self.page.evaluate("document.documentElement.scrollWidth")
        self.page.screenshot(path=path, full_page=True, quality=80)
        self.page.set_viewport_size(WIDE)
        if width > NARROW["width"]:
            self.faults.append(f"{self.page.url}: {width} px wide on a telephone ({name})")

    def perform_outbox(self) -> None:
        """What the workers would do by now: mails, receipts."""
        from ibnportal.core.outbox import queue

        queue.drain()

    def worker(self) -> AbstractContextManager[Finished]:
        """A real Celery worker, for as long as the block lasts."""
        return celery_worker(self.page, self.album / "worker.log")
