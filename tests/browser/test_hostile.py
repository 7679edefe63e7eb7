"""Nothing that comes from outside runs: hostile texts everywhere a feed or a person can put words, in Chromium.

The texts stand in titles, summaries, texts, authors, links, feed names, reasons, places, notes, words of a share,
account names, editions and failures. A page passes when it runs nothing, asks nothing of another host, refuses
nothing (a refusal by the content security policy would mean that something had got that far), and holds no element,
attribute nor address that the desk did not write; and when the texts are read on it, letter for letter.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from urllib.parse import quote
from xml.sax.saxutils import escape

import pytest
from playwright.sync_api import Browser, Page

from curation.accounts import Account, AccountRole
from curation.decide.draft import make_draft
from curation.gather.parse import parse_feed
from curation.store.store import Store
from curation.types import (
    Act,
    Article,
    Cause,
    CommunityScore,
    Duplicate,
    Edition,
    Event,
    Evidence,
    Failure,
    FeedEntry,
    FeedState,
    Judgement,
    Kind,
    Placement,
    Review,
    Role,
    RunReport,
    Source,
)
from curation.web.services import Preview
from curation.web.verdicts import Clerk
from curation.web.words import Words
from curation.word_drafts import WordDrafts
from curation.wordbook import Wordbook
from taxonomy.concept_operations import AddConcept, SetScopeNote
from taxonomy.edit import EditError, apply, clean
from taxonomy.scheme_operations import AddDossier, ReplaceWords, SetAudience, SetDefinition, SetPriority
from taxonomy.types import Concept, Dossier, Origin
from tests.browser.conftest import OpenPage, Served, served
from tests.browser.night import COMMUNITIES, LONG, NOW, PASSWORD, TODAY
from tests.browser.payloads import PAYLOADS, payloads
from tests.web.conftest import NoServices

ALONE, TOGETHER = "tourisme", LONG  # one text a draft, in lists; a hundred a draft, on pages of their own
BATCH = 100

#: What no page may hold. The desk's own scripts, styles and pictures are known by their address.
INTRUDERS = r"""() => {
  const found = [], own = location.origin, say = (e, why) => found.push(why + ': ' + e.outerHTML.slice(0, 200));
  for (const e of document.querySelectorAll('*')) {
    for (const a of e.attributes) {
      if (/^(data-)?hx-on|^on|^style$|^srcdoc$|^xlink:/i.test(a.name)) say(e, a.name);
      if (/^(href|src|action|formaction|data|poster|ping|background)$/i.test(a.name)) {
        const to = new URL(a.value, document.baseURI);
        if (!/^https?:$/.test(to.protocol)) say(e, 'address ' + to.protocol);
        else if (to.origin !== own) {
          if (e.tagName !== 'A') say(e, 'loads from outside');
          else if (!/noopener/.test(e.rel) || !/noreferrer/.test(e.rel)) say(e, 'opener');
        }
      }
    }
    const odd = 'IFRAME OBJECT EMBED STYLE IMG VIDEO AUDIO BASE MARQUEE APPLET TEMPLATE FRAME MATH'.split(' ');
    if (odd.includes(e.tagName.toUpperCase())) say(e, 'element');
    if (e.tagName.toUpperCase() === 'SVG' && !e.closest('.chart, .gauge')) say(e, 'drawing');
    if (e.tagName === 'META' && !/^(viewport|color-scheme|htmx-config)$/.test(e.name) && !e.hasAttribute('charset'))
      say(e, 'meta');
    if (e.tagName.includes('-')) say(e, 'element');
  }
  return found;
}"""


def one_line(text: str) -> str:
    """What a reader sees of it: HTML has no NUL, and spaces are one."""
    return re.sub(r"\s+", " ", re.sub(r"[\x00\ufffd]", "", text)).strip()


def batches(texts: Sequence[str], size: int = BATCH) -> list[str]:
    return ["\n".join(texts[n : n + size]) for n in range(0, len(texts), size)]


def judged(article: Article, text: str, community: str) -> Judgement:
    """Selected for one community, its text marked as evidence here and there."""
    marks = [(0, 3), (len(text) // 2, len(text) // 2 + 4), (max(0, len(text) - 5), len(text))]
    evidence = tuple(
        Evidence("x", text[:80], where, 1.0, start, end) for start, end in marks for where in ("title", "body")
    )
    scores = [CommunityScore(c, 0.5, False) for c in COMMUNITIES if c != community]
    scores.append(CommunityScore(community, 0.9, True, evidence, (text[:300],)))
    dossier = Placement(community, "inconnu", 0.5)
    event = Event(TODAY + timedelta(days=2), None, text[:300])
    return Judgement(article.id, tuple(scores), community, (), dossier, Kind.EVENT, event, TODAY + timedelta(days=3))


def add(store: Store, words: Words, texts: Sequence[str], community: str, prefix: str) -> list[str]:
    """One draft for each text, which stands in every part of it; a copy and a note behind each. Their articles."""
    articles, judgements, drafts, folded = [], [], [], []
    for n, text in enumerate(texts):
        article = Article(
            f"{prefix}{n}", f"https://exemple.fr/{prefix}{n}", text, text, NOW - timedelta(minutes=n), "fr",
            text[:200], (text,),
        )  # fmt: skip
        copy = replace(article, id=f"{prefix}{n}c", url=text)
        judgement = judged(article, text, community)
        made = make_draft(article, judgement, [], words[community])
        drafts.append(
            replace(
                made, title=text, summary=text, context=text, source=text, url=text, keywords=(text,),
                score=0.9 - n / 10_000, dossier=None,
            )
        )  # fmt: skip
        articles += [article, copy]
        judgements.append(judgement)
        folded += [
            Duplicate(article.id, article.id, Role.REPRESENTATIVE, None, 1.0),
            Duplicate(copy.id, article.id, Role.COPY, article.id, 1.0),
        ]
    entries = [FeedEntry("f", f"{a.id}", a.url, a.title, a.text, authors=a.authors, tags=(a.title,)) for a in articles]
    store.save_harvest(FeedState("f", last_success=NOW), entries, NOW)
    store.save_articles(articles, [("f", a.id, a.id) for a in articles], NOW)
    store.save_judgements(judgements, "v1")
    store.save_duplicates(folded)
    with store.atomic():
        for draft in drafts:
            store.add_draft(draft, "night", NOW, "v1")
    return [d.article for d in drafts]


def fill(store: Store, words: Words) -> None:
    """Each text alone in one queue, by hundreds in another; people, sources, nights and acts made of them."""
    texts = payloads()
    hostile = [Source(f"s{n}", text, text) for n, text in enumerate(texts)]
    store.sync_sources([Source("f", texts[0], "https://exemple.fr/rss"), *hostile])
    alone = add(store, words, texts, ALONE, "a")
    together = add(store, words, batches(texts), TOGETHER, "t")
    store.add_account(Account("max", "Max", AccountRole.ADMINISTRATEUR, (), "x"), NOW)
    people = batches(texts)
    for n, name in enumerate(people):
        store.add_account(Account(f"p{n}", name, AccountRole.ANIMATEUR, COMMUNITIES, "x"), NOW)
        store.add_api_token(f"{n}", "max", name, NOW)
    failures = [Failure(Cause.NOT_FOUND, text, text, suggested_url=text, at=NOW) for text in texts]
    store.save_harvests(
        [(FeedState(f"s{n}", moved_to=f.url, failures=3, last_failure=f), []) for n, f in enumerate(failures)], NOW
    )
    run = store.start_run(RunReport(NOW))
    store.add_failures(run, [(f"s{n}" if n % 2 else None, f) for n, f in enumerate(failures)])
    store.finish_run(run, RunReport(NOW, NOW, failures={Cause.NOT_FOUND.value: len(texts), texts[0]: 3}))
    for n, article in enumerate(together):
        _acts(store, words, article, batches(texts)[n], f"p{n}", f"p{(n + 1) % len(people)}")
    for n, text in enumerate(batches(texts, 8)):
        note = Review(alone[n], ALONE, Act.NOTED, f"p{n % len(people)}", NOW, note=text, post_url=text)
        store.append_review(note)


def _acts(store: Store, words: Words, article: str, text: str, login: str, colleague: str) -> None:
    """Words of people: a note, an edition, a share, a draft handed over, a publication."""
    clerk = Clerk(store, words, login, NOW, TODAY)
    event = Event(TODAY, None, text)
    edition = Edition(text, text, text, (text,), event, TODAY)

    def act(act: Act, **more: object) -> None:
        done = clerk.record(replace(Review(article, TOGETHER, act, login, NOW), **more), seen=None)  # type: ignore[arg-type]
        assert isinstance(done, Review)

    act(Act.NOTED, note=text)
    act(Act.EDITED, edition=edition)
    act(Act.GIVEN, target=colleague, note=text)
    if int(article[1:]) % 2:
        act(Act.PUBLISHED, edition=edition, target="urbanisme-amenagement", note=text, post_url=text)


class Offering(NoServices):
    """A source that would bring hostile entries."""

    def preview(self, address: str, as_letter: bool = False) -> Preview:
        entries = tuple(FeedEntry("x", str(n), p, p, p, NOW, authors=(p,)) for n, p in enumerate(PAYLOADS))
        return Preview(Source("x", PAYLOADS[0], "https://exemple.fr/"), entries, total=len(entries))


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(tmp_path_factory.mktemp("hostile"), fill, desk={"page_size": 100}) as desk:
        desk.site.services = Offering()
        desk.site.words = Words(desk.site.settings)  # its own: words are published here
        yield desk


class Watch:
    """A page where everything that runs or leaves is written down."""

    def __init__(self, page: Page, desk: Served) -> None:
        self.page, self.url, self.ran, self.left = page, desk.url, list[str](), list[str]()
        context = page.context
        context.expose_binding("veilleRan", lambda _, what: self.ran.append(what))
        context.add_init_script(
            "for (const name of ['alert', 'confirm', 'prompt', 'print', 'open'])"
            " window[name] = (...a) => { window.veilleRan(name + ' ' + a.join(' ').slice(0, 80)); return null; };"
        )
        context.on("dialog", lambda dialog: (self.ran.append(f"dialog {dialog.message}"), dialog.dismiss()))
        context.on("page", lambda opened: self.ran.append(f"window {opened.url}"))
        context.on("request", lambda request: self._asked(request.url))

    def _asked(self, url: str) -> None:
        if not url.startswith(self.url + "/"):
            self.left.append(url)

    def see(self, path: str, status: int = 200) -> None:
        """Open a page and look for what should not be there."""
        answer = self.page.goto(path)
        assert answer is not None and answer.status == status, path
        assert self.page.url == self.url + path, f"{path} led to {self.page.url}"
        self.look()

    def look(self) -> None:
        found = self.page.evaluate(INTRUDERS)
        assert found == [], (self.page.url, found[:5])
        assert self.ran == [] and self.left == [], (self.page.url, self.ran[:5], self.left[:5])

    def post(self, path: str, **fields: str) -> None:
        """Send a form of ours."""
        with self.page.expect_navigation():
            self.page.evaluate(
                """([path, fields]) => { const form = document.createElement('form');
                form.method = 'post'; form.action = path;
                fields.csrf = document.querySelector('[name=csrf]').value;
                for (const [name, value] of Object.entries(fields)) {
                  const field = document.createElement('textarea');
                  field.name = name; field.value = value; form.append(field);
                }
                document.body.append(form); form.submit(); }""",
                [path, fields],
            )
        self.look()

    def rest(self) -> None:
        """Leave late effects (animations, loads) the time to come."""
        self.page.wait_for_timeout(150)
        self.look()


@pytest.fixture
def watch(hostile: Served, open_page: OpenPage) -> Watch:
    return Watch(open_page(hostile, "max"), hostile)


def test_the_watch_sees_what_it_watches_for(hostile: Served, chromium: Browser) -> None:
    """Without the desk's escaping and policy, the same texts do run: silence elsewhere means something."""
    with chromium.new_context(bypass_csp=True) as context:
        page = context.new_page()
        watch = Watch(page, hostile)
        page.goto(hostile.url + "/aide")
        for text in ("<img src=x onerror=alert(1)>", "<img src=https://evil.example/pixel>"):
            page.evaluate("text => { document.querySelector('main').innerHTML = text; }", text)
            page.wait_for_timeout(200)
            assert page.evaluate(INTRUDERS)
        assert watch.ran == ["alert 1"]
        assert watch.left == ["https://evil.example/pixel"]


def test_lists_show_every_text_as_it_is(watch: Watch) -> None:
    """The queue, each text alone: title, source, reasons, place, excerpts, folded copies."""
    path, shown = f"/file/{ALONE}", list[str]()
    while path:
        watch.see(path)
        shown += watch.page.evaluate("[...document.querySelectorAll('.drafts h2 a')].map(e => e.textContent)")
        following = watch.page.locator("nav.pages a[rel=next]")
        path = following.get_attribute("href") or "" if following.count() else ""
    watch.rest()
    assert [one_line(s) for s in shown] == [one_line(p) for p in payloads()]


def test_a_draft_its_words_and_its_contribution(watch: Watch) -> None:
    """Texts, editions, notes, shares, names; the summary previewed as it is typed; the finished contribution."""
    for n, batch in enumerate(batches(payloads())):
        watch.see(f"/relecture/{TOGETHER}/t{n}")
        title = watch.page.locator(".source h1").text_content() or ""
        assert one_line(title) == one_line(batch)
        watch.see(f"/contribution/{TOGETHER}/t{n}")
    for n in range(0, len(PAYLOADS), 16):
        watch.see(f"/relecture/{ALONE}/a{n}")
        watch.see(f"/contribution/{ALONE}/a{n}")
    for n, batch in enumerate(batches(payloads(), 400)):
        watch.see(f"/relecture/{ALONE}/a{n}")
        watch.page.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true; })")
        with watch.page.expect_response("**/apercu"):
            watch.page.locator("#summary").fill(batch.replace("\n", "\n\n"))
        watch.rest()
        # the desk asks before it leaves words unsaved: told here that they are sent
        watch.page.evaluate("document.getElementById('decision').dispatchEvent(new Event('submit'))")


def test_search_journal_sources_nights_morning_people(watch: Watch) -> None:
    for path in (
        "/", "/dossiers", f"/dossiers/{TOGETHER}", f"/sondage/{ALONE}", "/nuits", "/nuits/1", "/comptes", "/comptes/p0",
        "/compte", "/sources/ajouter", "/file/urbanisme-amenagement",
    ):  # fmt: skip
        watch.see(path)
    for text in batches([p for p in PAYLOADS if "\x00" not in p], 8):
        watch.see(f"/recherche?q={quote(text[:300].strip(), safe='')}")
    watch.see("/recherche?q=alert")
    for first in ("/journal", "/sources"):
        watch.see(first)
        for _ in range(len(payloads()) // 40):
            following = watch.page.locator("nav.pages a[rel=next]")
            if not following.count():
                break
            watch.see(str(following.get_attribute("href")))
    watch.rest()


def test_forms_that_give_back_what_was_typed(watch: Watch) -> None:
    """Faults, messages, previews, stale pages: hostile words come back as words."""
    text = "\n".join(p for p in PAYLOADS if "\x00" not in p)
    watch.see(f"/relecture/{TOGETHER}/t0")
    words = {"title": text, "summary": text, "context": text, "tags": text, "event_place": text, "share_note": text}
    watch.post(f"/relecture/{TOGETHER}/t0", act="share", seen="0", deadline=text, event_start=text, **words)
    watch.post(f"/relecture/{TOGETHER}/t0", act="publish", seen="0", **words)  # stale: others acted on it
    watch.see("/sources/ajouter")
    watch.post("/sources/ajouter", address=text)
    watch.see("/comptes")
    watch.post("/comptes", login=text, name=text, role=text, password=text)
    watch.see("/compte")
    watch.post("/compte/nom", name=text)
    watch.post("/compte/jetons", token_name=text)
    watch.post("/compte/raccourcis", on="1", next=text, previous='"', open="<")
    watch.see(f"/file/{ALONE}?q=alert")
    watch.post(f"/file/{ALONE}/filtres", name=text[:80], query="q=" + quote(text[:200]))
    watch.page.context.clear_cookies()
    watch.see("/connexion")
    watch.post("/connexion", login=text, password=PASSWORD, then="javascript:alert(1)")
    watch.rest()


def test_words_of_a_vocabulary(hostile: Served, watch: Watch) -> None:
    """Names, labels, exclusions, notes, dossiers, priorities, messages, gestures, both sides of a merge, imports."""
    at, desk = "/vocabulaire/tourisme", hostile
    with desk.store() as store:
        book = Wordbook(desk.site.settings, store)
        drafts, now = WordDrafts(book), desk.now
        words = book.look("tourisme", now).taxonomy
        kept = list[str]()
        texts = PAYLOADS + payloads()[:: len(payloads()) // 100 + 1]  # a page of thousands of concepts takes its time
        for n, text in enumerate(dict.fromkeys(clean(p) for p in texts)):
            new = Concept(f"x{n}", text, exclude_labels=(f"{text} zut {n}",), scope_note=text)
            try:
                words = apply(words, AddConcept(new))
            except EditError:  # an invisible sign, no word at all, the same words again
                continue
            kept.append(text)
        assert len(kept) > 40
        everything = " ".join(kept)
        words = apply(
            words, SetDefinition(everything), SetAudience(tuple(kept)), AddDossier(Dossier("x", kept[0], everything)),
            SetPriority(kept[1], ("x0",)),
        )  # fmt: skip
        drafts.change("tourisme", [ReplaceWords(words, everything[:400])], revision=0, author="max", now=now)
        for path in (at, f"{at}?vue=tableau", f"{at}/brouillon", f"{at}/presentation", f"{at}/concept/x0"):
            watch.see(path)
        watch.see(f"{at}?q={quote(kept[0], safe='')}")
        shown = watch.page.locator("#q").input_value()
        assert one_line(shown) == one_line(kept[0])
        drafts.publish({"tourisme": 1}, author="p0", message=everything[:300], now=now)
        drafts.change("tourisme", [SetScopeNote("x0", everything)], revision=0, author="max", now=now)
        theirs = apply(words, SetScopeNote("x0", "autre"))
        book.publish("tourisme", theirs, base=2, author="p1", message=kept[2], origin=Origin.DESK, now=now)
    for path in ("/vocabulaire", f"{at}/histoire", f"{at}/histoire/2", f"{at}/histoire/3", f"{at}/fusion"):
        watch.see(path)
    for path in (f"{at}/bilan", f"{at}/candidats", f"{at}/voisines", f"{at}/scission", f"{at}/fondation"):
        watch.see(path)
    text = "\n".join(p for p in PAYLOADS if "\x00" not in p)
    watch.see(f"{at}/concept/x0")
    watch.post(f"{at}/concept/x0", do="save", prefLabel=text, altLabel=text, weight=text, scopeNote=text, seen="0")
    watch.post(f"{at}/concept/x0", do="save", prefLabel="x", weight="1", altLabel=text, scopeNote=text, seen="9")
    watch.post(f"{at}/presentation", do="priority", label=text, concepts=text, about="priority-new", seen="0")
    watch.post(f"{at}/fondation", name=text, keywords=text, audience=text, definition=text)
    watch.post(f"{at}/scission", name=text, concepts=text, definition=text)
    watch.rest()


def test_what_a_feed_brings_through_the_real_reader(hostile: Served, watch: Watch) -> None:
    """The same texts as a feed would bring them: read by ``gather.parse``, then stored and shown."""
    texts = [re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f]", "", p) for p in payloads()[:: len(payloads()) // 160 + 1]]
    items = "".join(
        f"<item><title>{escape(p)}</title><link>{escape(p)}</link><guid>{n}</guid><author>{escape(p)}</author>"
        f"<category>{escape(p)}</category><description><![CDATA[{p.replace(']]>', ']] >')}]]></description></item>"
        for n, p in enumerate(texts)
    )
    feed = f"<rss version='2.0'><channel><title>{escape(texts[0])}</title>{items}</channel></rss>"
    parsed = parse_feed(feed.encode(), source="lu", url="https://exemple.fr/rss", now=NOW)
    assert len(parsed.entries) == len(texts)
    community, words = "transition-ecologique", hostile.site.words
    with hostile.store() as store:
        store.sync_sources([Source("lu", parsed.title, "https://exemple.fr/rss")])
        store.save_harvest(FeedState("lu"), parsed.entries, NOW)
        articles = [
            Article(f"lu{n}", e.url or f"https://exemple.fr/{n}/lu", e.title, e.summary, NOW, "fr", None, e.authors)
            for n, e in enumerate(parsed.entries)
        ]
        articles = list({a.url: a for a in articles}.values())
        judgements = [judged(a, a.title or "x", community) for a in articles]
        store.save_articles(articles, [], NOW)
        store.save_judgements(judgements, "v1")
        for article, judgement in zip(articles, judgements, strict=True):
            store.add_draft(make_draft(article, judgement, [], words[community]), "night", NOW, "v1")
    path = f"/file/{community}"
    while path:
        watch.see(path)
        following = watch.page.locator("nav.pages a[rel=next]")
        path = following.get_attribute("href") or "" if following.count() else ""
    for n in range(0, len(articles), 20):
        watch.see(f"/relecture/{community}/{articles[n].id}")
    watch.rest()
