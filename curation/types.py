"""The nouns that travel between gather, decide, store and the flows.

All are frozen, slotted and picklable: a task may send them to another process
or machine. Times are aware ``datetime`` in UTC; days are ``date``.

The chain: ``Source`` -> ``FeedState`` -> ``FeedEntry`` (what the *feed* said)
-> ``Article`` (what the *page* said) -> ``Judgement`` (per community:
``CommunityScore``) -> ``Duplicate`` -> ``Draft`` -> ``Review``.
``Failure`` is a value: the world failing is expected.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum


class SourceKind(StrEnum):
    FEED = "feed"  # RSS, Atom, JSON Feed
    FOLDER = "folder"  # a folder of newsletters (.eml, .html, .pdf)
    IMAP = "imap"  # a mailbox of newsletters
    PAGE = "page"  # the web page of a newsletter (a LID)


class Kind(StrEnum):
    """Kinds of item (communities.md)."""

    NEWS = "news"
    REGULATION = "regulation"
    CALL = "call"
    EVENT = "event"
    RESOURCE = "resource"
    PRACTICE = "practice"
    JOB = "job"
    OTHER = "other"


class Cause(StrEnum):
    """Why something from outside failed. Its French explanation stands in ``curation.labels``."""

    DNS = "dns"
    REFUSED = "refused"
    TIMEOUT = "timeout"
    NETWORK = "network"
    TLS = "tls"
    UNAUTHORIZED = "unauthorized"
    FORBIDDEN = "forbidden"
    NOT_FOUND = "not_found"
    GONE = "gone"
    RATE_LIMITED = "rate_limited"
    SERVER_ERROR = "server_error"
    HTTP_ERROR = "http_error"
    TOO_LARGE = "too_large"
    TOO_MANY_REDIRECTS = "too_many_redirects"
    BAD_URL = "bad_url"
    PRIVATE_ADDRESS = "private_address"
    ROBOTS = "robots"
    HOST_RESTING = "host_resting"  # the host kept failing: left alone for the rest of the night
    EMPTY = "empty"
    HTML_NOT_FEED = "html_not_feed"  # Failure.suggested_url: the feed the page advertises, if any
    NOT_A_FEED = "not_a_feed"
    SOFT_404 = "soft_404"
    LOGIN_WALL = "login_wall"
    PAYWALL = "paywall"
    THIN = "thin"
    UNSUPPORTED_TYPE = "unsupported_type"
    MISSING_FILE = "missing_file"
    BAD_MAIL = "bad_mail"
    BAD_PDF = "bad_pdf"
    IMAP_LOGIN = "imap_login"
    IMAP_UNREACHABLE = "imap_unreachable"


@dataclass(frozen=True, slots=True)
class Failure:
    """The world failed: what, where and when. ``labels.explain(failure)`` puts it in French."""

    cause: Cause
    url: str
    detail: str = ""  # technical, short; never shown alone
    status: int | None = None  # HTTP status
    retry_after_s: float | None = None
    suggested_url: str | None = None
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Source:
    """Something that is watched.

    ``url`` is a folder path for ``FOLDER``, ``imaps://user@host/box`` for ``IMAP``.
    """

    id: str
    name: str
    url: str
    kind: SourceKind = SourceKind.FEED
    authority: float = 0.5  # 0..1, how much the ranker trusts it
    communities: tuple[str, ...] = ()  # the communities it was chosen for (a hint, never a filter)
    enabled: bool = True


@dataclass(frozen=True, slots=True)
class FeedState:
    """What HTTP taught us about a source (RFC 9110 validators, backoff)."""

    source: str
    etag: str | None = None
    last_modified: str | None = None
    moved_to: str | None = None  # permanent redirect, remembered
    failures: int = 0  # consecutive
    next_due: datetime | None = None
    last_success: datetime | None = None
    last_failure: Failure | None = None


@dataclass(frozen=True, slots=True)
class FeedEntry:
    """What the feed (or newsletter) said. Key: (source, guid). Texts are plain text, never HTML."""

    source: str
    guid: str
    url: str  # absolute, or ""
    title: str
    summary: str
    published: datetime | None = None
    updated: datetime | None = None
    authors: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    section: str | None = None  # heading in a newsletter
    content: str = ""  # full text when the feed carries it (content:encoded), plain
    cited_source: str | None = None  # newsletter: the organisation a notice cites
    notes: tuple[str, ...] = ()  # what was mended or dropped, e.g. "date future écartée"


@dataclass(frozen=True, slots=True)
class ParsedFeed:
    """A feed document: its entries, or the failure that explains their absence."""

    title: str
    link: str
    entries: tuple[FeedEntry, ...]
    failure: Failure | None = None
    format: str = ""  # feedparser's version string ("rss20", "atom10"...) or "jsonfeed"
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Article:
    """What the page said. Key: ``id``, sha256 (16 hex digits) of the canonical URL."""

    id: str
    url: str  # canonical
    title: str
    text: str
    published: datetime | None = None
    language: str | None = None
    site: str | None = None
    authors: tuple[str, ...] = ()
    origin: str = "page"  # "page" | "feed" | "newsletter": where the text comes from
    failure: Failure | None = None  # why the page's own text is not there


@dataclass(frozen=True, slots=True)
class Item:
    """The text unit that is judged: input of classify and dedupe (interface.md)."""

    id: str
    title: str
    text: str = ""
    url: str = ""
    source: str = ""
    date: date | None = None


@dataclass(frozen=True, slots=True)
class Evidence:
    """Why a community is concerned: one concept met in one place.

    ``start``/``end`` are offsets in the title or in the text according to ``where``
    ("title", "lead", "body"); "sense" means semantic proximity, without offsets.
    """

    concept: str
    label: str
    where: str
    weight: float = 0.0
    start: int = -1
    end: int = -1


@dataclass(frozen=True, slots=True)
class CommunityScore:
    """How one item meets one community; ``score`` is a calibrated probability of grade >= 2."""

    id: str
    score: float
    selected: bool
    evidence: tuple[Evidence, ...] = ()
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Placement:
    """The dossier of a community where an item belongs."""

    community: str
    id: str
    score: float


@dataclass(frozen=True, slots=True)
class Event:
    """Days of an event; any part may be unknown."""

    start: date | None = None
    end: date | None = None
    place: str | None = None


@dataclass(frozen=True, slots=True)
class Judgement:
    """Everything the night thinks of one item (output of classify)."""

    id: str
    communities: tuple[CommunityScore, ...]  # every community, best first
    lead: str | None
    proposals: tuple[str, ...]
    dossier: Placement | None
    kind: Kind
    event: Event | None = None
    deadline: date | None = None


class Role(StrEnum):
    REPRESENTATIVE = "representative"
    COPY = "copy"  # the same text or information republished
    STORY = "story"  # another account of the same event


@dataclass(frozen=True, slots=True)
class Duplicate:
    """Place of an item in its duplicate group (output of dedupe).

    ``of``: the representative, or None for the representative itself.
    """

    id: str
    group: str
    role: Role
    of: str | None
    score: float


class DraftStatus(StrEnum):
    """Where a draft stands, derived from what people did to it (``decide.review.state_of``)."""

    WAITING = "waiting"
    KEPT = "kept"  # for later, until a day
    PUBLISHED = "published"
    SHARED = "shared"  # handed to a neighbour
    REJECTED = "rejected"
    FOLDED = "folded"  # a duplicate of another draft of the same community


class Act(StrEnum):
    """What a person does to a draft. The first five are verdicts: they settle it."""

    PUBLISHED = "published"
    KEPT = "kept"
    SHARED = "shared"
    REJECTED = "rejected"
    FOLDED = "folded"
    EDITED = "edited"  # words, tags, event: ``Review.edition``
    FILED = "filed"  # ``Review.target``: a dossier
    REFERENCED = "referenced"  # a reference document, to be read again on ``Review.until``
    TAKEN = "taken"  # « je m'en occupe »
    GIVEN = "given"  # ``Review.target``: the login of a colleague
    RELEASED = "released"
    ADDRESSED = "addressed"  # ``Review.post_url``: where it was published, learnt later
    NOTED = "noted"  # a note between colleagues
    RECEIVED = "received"  # a neighbour shared it: ``Review.target`` is that community
    SPLIT = "split"  # not a duplicate of ``Review.target``
    RESCUED = "rescued"  # wrongly left out by the machine
    DISMISSED = "dismissed"  # rightly left out by the machine
    UNDONE = "undone"  # ``Review.undoes``: the act that no longer counts


class Rejection(StrEnum):
    """Why a draft was rejected."""

    OFF_TOPIC = "off_topic"
    ALREADY_SEEN = "already_seen"
    TOO_LOCAL = "too_local"
    OUTDATED = "outdated"
    COMMERCIAL = "commercial"
    LITTLE_USE = "little_use"


@dataclass(frozen=True, slots=True)
class Draft:
    """A contribution proposed to one community: article x community."""

    article: str
    community: str
    score: float  # rank score, 0..1
    relevance: float  # calibrated probability from the judgement
    title: str
    summary: str  # two or three sentences quoted from the text
    context: str  # one line for the audience
    url: str
    source: str
    published: datetime | None
    kind: Kind
    dossier: str | None
    dossier_score: float = 0.0
    keywords: tuple[str, ...] = ()
    proposals: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    event: Event | None = None
    deadline: date | None = None
    lead: bool = True  # False: proposed by the lead community to this neighbour


@dataclass(frozen=True, slots=True)
class Edition:
    """A draft's words as a person left them. ``summary`` is CommonMark."""

    title: str
    summary: str
    context: str
    tags: tuple[str, ...] = ()
    event: Event | None = None
    deadline: date | None = None


@dataclass(frozen=True, slots=True)
class Review:
    """One act of one person on one draft. Append-only: the current state derives from the sequence."""

    article: str
    community: str
    act: Act
    reviewer: str  # login
    at: datetime
    reason: str = ""  # a ``Rejection``
    note: str = ""
    until: date | None = None
    target: str | None = None  # what the act points at; see ``Act``
    post_url: str = ""  # where it was published
    undoes: int | None = None
    edition: Edition | None = None
    id: int = 0  # given by the store, growing


@dataclass(frozen=True, slots=True)
class DraftState:
    """What a sequence of reviews amounts to."""

    status: DraftStatus = DraftStatus.WAITING
    verdict: Review | None = None  # the one that counts
    edition: Edition | None = None
    dossier: str | None = None  # where a person filed it; None: the machine's suggestion stands
    holder: str | None = None  # login of who looks after it
    notes: tuple[Review, ...] = ()
    received: tuple[Review, ...] = ()  # shares that came from neighbours
    reference: bool = False
    review_by: date | None = None  # of a reference document
    revision: int = 0  # id of the last act that a decision must have seen (notes do not count)


@dataclass(frozen=True, slots=True)
class RunReport:
    """One night, in figures (stored, printed, shown in the desk)."""

    started: datetime
    finished: datetime | None = None
    sources: int = 0
    sources_due: int = 0
    sources_unchanged: int = 0
    entries_new: int = 0
    articles_new: int = 0
    drafts_new: int = 0
    duplicates: int = 0
    failures: dict[str, int] = field(default_factory=dict)  # cause -> count
    durations: dict[str, float] = field(default_factory=dict)  # step -> seconds
    drafts_by_community: dict[str, int] = field(default_factory=dict)
    resumed: bool = False
