"""The work of the night as plain functions: values in, values out, no Prefect, no store.

Each takes a *batch* (a Prefect task costs milliseconds) and a ``Plan`` instead of a model; a worker on
another machine needs nothing else.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar

from curation.evidence import KeptReading
from curation.types import Article, Duplicate, Failure, FeedEntry, Item, Judgement, ParsedFeed, Source, SourceKind

if TYPE_CHECKING:
    from curation.config import Thresholds
    from curation.decide.rarity import Rarity
    from flows.judge import Plan
    from models.types import Encoder

T = TypeVar("T")


class Sealed(Sequence[T]):
    """A batch that an engine passes on as it is: inside lists, tuples and dataclasses Prefect looks for futures."""

    __slots__ = ("_values",)

    def __init__(self, values: Sequence[T]) -> None:
        self._values = values

    def __len__(self) -> int:
        return len(self._values)

    def __getitem__(self, place: Any) -> Any:
        return self._values[place]


@dataclass(frozen=True, slots=True)
class Body:
    """What came over the wire for one address."""

    url: str
    content_type: str | None
    content: bytes


def parse_batch(batch: Sequence[tuple[Source, Body]], now: datetime) -> list[ParsedFeed]:
    """Feeds, and pages of newsletters, to their entries."""
    from curation.gather.parse import parse_feed

    parsed = []
    for source, body in batch:
        parse = parse_feed
        if source.kind is SourceKind.PAGE:
            from curation.gather.newsletter import parse_newsletter as parse  # slow to import: it reads PDF too
        parsed.append(parse(body.content, source=source.id, url=body.url, content_type=body.content_type, now=now))
    return parsed


def read_local(source: Source, now: datetime) -> ParsedFeed:
    """Newsletters of a folder or a mailbox, as one document."""
    from curation.gather.mailbox import read_folder, read_mailbox

    read = read_folder if source.kind is SourceKind.FOLDER else read_mailbox
    documents = [document for _, document in read(source.url, source=source.id, now=now)]
    failures = [d.failure for d in documents if d.failure]
    return ParsedFeed(
        title=source.name,
        link="",
        entries=tuple(e for d in documents for e in d.entries),
        failure=failures[0] if failures else None,
    )


def extract_batch(batch: Sequence[tuple[str, FeedEntry, Body | Failure | None]], now: datetime) -> list[Article]:
    """(article id, the entry that speaks best, its page or why there is none) -> articles.

    Where the page refuses, the feed's own text becomes the article and says why.
    """
    from curation.gather.extract import article_from_entry, extract_article

    articles = []
    for identity, entry, page in batch:
        found: Article | Failure | None = page if isinstance(page, Failure) else None
        if isinstance(page, Body):
            found = extract_article(page.content, url=page.url, content_type=page.content_type, now=now)
        if isinstance(found, Article):
            article = replace(
                found,
                id=identity,
                title=found.title or entry.title,
                published=entry.published or found.published,
            )
        else:
            article = article_from_entry(entry, found, identity)
        articles.append(article)
    return articles


def encode_batch(plan: Plan, items: Sequence[Item]) -> list[bytes]:
    """Stored vectors of items."""
    from flows.judge import encoder_text, open_encoder
    from models.vectors import to_bytes

    encoder = open_encoder(plan)
    texts = [encoder_text(i, plan.max_chars) for i in items]
    return [to_bytes(v) for v in encoder.encode(texts, prompt="passage", batch_size=plan.batch_size)]


def fingerprint_batch(items: Sequence[Item]) -> list[bytes]:
    """Stored fingerprints of items."""
    from curation.decide.dedupe import fingerprint

    return [fingerprint(i, _address(i.url)).to_bytes() for i in items]


def read_batch(plan: Plan, items: Sequence[Item]) -> list[KeptReading]:
    """What the texts of items show, in the form that is kept."""
    from curation.decide.reading import keep
    from flows.judge import judge_for

    return [keep(i.id, reading) for i, reading in zip(items, judge_for(plan).read(items), strict=True)]


def judge_batch(plan: Plan, readings: Sequence[KeptReading], vectors: Sequence[bytes]) -> list[Judgement]:
    """Judgements of articles from their kept readings and their stored vectors."""
    from flows.judge import judge_for
    from models.vectors import from_bytes

    judge = judge_for(plan)
    return judge.judge_kept(readings, from_bytes(b"".join(vectors), judge.encoder.dimension))


def group_items(items: Sequence[Item], encoder: Encoder, plan: Plan, thresholds: Thresholds) -> list[Duplicate]:
    """Duplicate groups of items that stand in no store."""
    from curation.decide.dedupe import fingerprint, group
    from flows.judge import encoder_text, story_params

    fingerprints = [fingerprint(i, _address(i.url)) for i in items]
    vectors = encoder.encode([encoder_text(i, plan.max_chars) for i in items], prompt="passage")
    params = story_params(plan, thresholds)
    return group(fingerprints, vectors, rarity=word_rarity(), params=params)


def _address(url: str) -> str:
    """One spelling for all the addresses of one page; "" when the item has none."""
    from curation.gather.canonical import identity_url

    return f"https://{identity_url(url)}" if url.startswith(("http://", "https://")) else ""


@cache
def word_rarity() -> Rarity:
    """Document frequencies of French words shipped with veille."""
    from curation.decide.rarity import Rarity
    from models.frequencies import load

    table, documents = load()
    return Rarity.of(table, documents)


def item_of(article: Article, source: str) -> Item:
    """The text unit that is judged."""
    return Item(
        id=article.id,
        title=article.title,
        text=article.text,
        url=article.url,
        source=source,
        date=article.published.date() if article.published else None,
    )
