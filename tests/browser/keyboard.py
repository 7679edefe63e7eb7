"""A person who has a keyboard and nothing else."""

from __future__ import annotations

from playwright.sync_api import Page

#: How many stops of Tab, at the least, lie between the focus and the first element of a selector.
_BETWEEN = """selector => {
  const stops = [...document.querySelectorAll('a[href], button, input, select, textarea, summary')].filter(e =>
    e.getClientRects().length && e.tabIndex >= 0 && !e.disabled && e.type !== 'hidden');
  const active = document.activeElement, to = stops.findIndex(e => e.matches(selector));
  const behind = active === document.body ? 0 : stops.filter(e =>
    e === active || active.compareDocumentPosition(e) & Node.DOCUMENT_POSITION_PRECEDING).length;
  return to - behind + 1;
}"""


class Keyboard:
    """Keys pressed in a page, and what has the focus. Never a click, never an address typed by the test."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def press(self, *keys: str) -> None:
        """Keys that stay on the page."""
        for key in keys:
            self.page.keyboard.press(key)

    def write(self, text: str) -> None:
        """Words, where the focus is."""
        self.page.keyboard.type(text)

    def go(self, *keys: str) -> str:
        """Keys of which the last one leads to another page; its heading."""
        self.press(*keys[:-1])
        with self.page.expect_navigation():
            self.page.keyboard.press(keys[-1])
        return self.heading()

    def reach(self, selector: str, key: str = "Tab", limit: int = 250) -> None:
        """Press Tab until the focus is on what a selector names."""
        for _ in range(self.page.evaluate(_BETWEEN, selector) - 2 if key == "Tab" else 0):
            self.page.keyboard.press(key)  # surely not there yet: nobody looks
        for _ in range(limit):
            self.page.keyboard.press(key)
            if self.page.evaluate("s => document.activeElement.matches(s)", selector):
                return
        raise AssertionError(f"{selector} is not reached by {key}")

    def skip(self) -> None:
        """On a page just opened: the first stop leads past the header."""
        self.press("Tab", "Enter")

    def choose(self, value: str) -> None:
        """In the list that has the focus, walk with arrows to a value."""
        at, to = self.page.evaluate(
            "v => [document.activeElement.selectedIndex, [...document.activeElement.options].findIndex("
            "o => o.value === v)]",
            value,
        )
        assert to >= 0, f"no choice {value}"
        for _ in range(abs(to - at)):
            self.page.keyboard.press("ArrowDown" if to > at else "ArrowUp")

    def heading(self) -> str:
        """The title of the page."""
        return self.page.locator("h1").inner_text()

    def said(self) -> str:
        """The message at the top."""
        return self.page.locator("#said").inner_text().strip().replace("\u00a0", " ")

    def focused(self) -> str:
        """A short description of what has the focus."""
        return str(self.page.evaluate("() => (document.activeElement.id || document.activeElement.tagName)"))
