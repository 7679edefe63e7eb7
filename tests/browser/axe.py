"""What is checked of every page: axe-core, width, visible focus. The page is left narrow, dark, its details open."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from playwright.sync_api import Page

SOURCE = (Path(__file__).parent / "vendor" / "axe.min.js").read_text(encoding="utf-8")
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
WIDE = {"width": 1280, "height": 1024}
#: 1280 × 1024 at 400 %: WCAG 2.2, 1.4.10 (Reflow).
NARROW = {"width": 320, "height": 256}
#: The rules whose answer the layout of a narrow screen may change.
OF_LAYOUT = ["target-size", "scrollable-region-focusable"]

_RUN = """async options => (await axe.run(document, {...options, resultTypes: ['violations']})).violations.flatMap(v =>
  v.nodes.map(n => `${v.id} at ${n.target.join(' ')}: ${n.html.slice(0, 160)} `
    + n.failureSummary.split('\\n')[1].trim()))"""
#: Keyboard focus is asked for each element that may have it, and must show as an outline of 2 px or more.
UNSEEN = """() => [...document.querySelectorAll('a[href], button, input, select, textarea, summary, [tabindex="0"]')]
  .filter(e => e.getClientRects().length && !e.disabled && e.tabIndex >= 0 && e.type !== 'hidden')
  .filter(e => { e.focus({preventScroll: true, focusVisible: true}); const s = getComputedStyle(e);
    return document.activeElement === e && (s.outlineStyle === 'none' || parseFloat(s.outlineWidth) < 2); })
  .map(e => 'focus does not show: ' + e.outerHTML.slice(0, 200))"""
#: What the parser makes of a block inside a paragraph: an end without its beginning, an empty paragraph.
_TORN = """() => [...document.querySelectorAll('p:empty:not([role=status])')].map(e =>
  'a block inside a paragraph, before: ' + (e.nextElementSibling || e.parentElement).outerHTML.slice(0, 160))"""
_TOO_WIDE = """() => { const root = document.scrollingElement;
  if (root.scrollWidth <= root.clientWidth) return [];
  const wide = [...document.querySelectorAll('body *')].filter(e => e.getBoundingClientRect().right > innerWidth + 1
    && !e.closest('.scroll, nav.tabs') && !e.closest('.hidden'));
  return [`scrolls sideways (${root.scrollWidth} px): ` + wide.slice(0, 4).map(e => e.outerHTML.slice(0, 160))];
}"""


def faults_of(page: Page, dark: bool) -> list[str]:
    """Everything wrong with the page, its details open: wide and light, then narrow, and dark too where asked."""
    page.set_viewport_size(WIDE)  # type: ignore[arg-type]
    page.emulate_media(color_scheme="light", reduced_motion="reduce")  # colours settle at once
    # the menu covers what is behind it: it has a state of its own
    page.evaluate("() => document.querySelectorAll('details:not(.me)').forEach(d => { d.open = true; })")
    page.evaluate(SOURCE)
    found = faults_now(page) + page.evaluate(_TORN)
    page.keyboard.press("Shift")  # from here on, the browser takes the focus for a keyboard's
    found += page.evaluate(UNSEEN)
    page.set_viewport_size(NARROW)  # type: ignore[arg-type]
    page.emulate_media(color_scheme="dark")
    rules = [*OF_LAYOUT, "color-contrast"] if dark else OF_LAYOUT
    found += _axe(page, runOnly={"type": "rule", "values": rules})
    found += page.evaluate(_TOO_WIDE)
    return found


def faults_now(page: Page) -> list[str]:
    """What axe finds in the page as it is; its source must be there."""
    return _axe(page, runOnly={"type": "tag", "values": TAGS})


def _axe(page: Page, **options: Any) -> list[str]:
    return list(page.evaluate(_RUN, options))
