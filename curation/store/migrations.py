"""The schema, grown by named migrations. One rule: what a harvest may overwrite and what a person
said never share a table (``reviews`` is append-only; nothing here updates it)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlite_utils import Migrations

if TYPE_CHECKING:
    from sqlite_utils.db import Database

migrations = Migrations("veille")


@migrations()
def m001_harvest(db: Database) -> None:
    """Sources, what HTTP taught us, entries and articles with full-text search."""
    db.executescript(
        """
        CREATE TABLE sources (
            id TEXT PRIMARY KEY, name TEXT NOT NULL, url TEXT NOT NULL, kind TEXT NOT NULL,
            authority REAL NOT NULL, communities TEXT NOT NULL, enabled INTEGER NOT NULL,
            origin TEXT NOT NULL
        ) STRICT;
        CREATE TABLE feed_states (
            source TEXT PRIMARY KEY, etag TEXT, last_modified TEXT, moved_to TEXT,
            failures INTEGER NOT NULL, next_due TEXT, last_success TEXT, last_failure TEXT
        ) STRICT;
        CREATE TABLE entries (
            source TEXT NOT NULL, guid TEXT NOT NULL, url TEXT NOT NULL, title TEXT NOT NULL,
            summary TEXT NOT NULL, content TEXT NOT NULL, published TEXT, updated TEXT,
            authors TEXT NOT NULL, tags TEXT NOT NULL, section TEXT, cited_source TEXT, notes TEXT NOT NULL,
            first_seen TEXT NOT NULL, article TEXT,
            PRIMARY KEY (source, guid)
        ) STRICT;
        CREATE INDEX entries_todo ON entries (first_seen) WHERE article IS NULL;
        CREATE INDEX entries_article ON entries (article);
        CREATE TABLE articles (
            id TEXT PRIMARY KEY, url TEXT NOT NULL, title TEXT NOT NULL, text TEXT NOT NULL,
            published TEXT, language TEXT, site TEXT, authors TEXT NOT NULL, origin TEXT NOT NULL,
            failure TEXT, added TEXT NOT NULL, purged INTEGER NOT NULL DEFAULT 0
        ) STRICT;
        CREATE INDEX articles_added ON articles (added);
        """
    )
    db.table("articles").enable_fts(["title", "text"], tokenize="unicode61 remove_diacritics 2", create_triggers=True)


@migrations()
def m002_curate(db: Database) -> None:
    """What the night thinks: vectors, fingerprints, judgements, duplicates, drafts."""
    db.executescript(
        """
        CREATE TABLE vectors (
            article TEXT PRIMARY KEY, encoder TEXT NOT NULL, vector BLOB NOT NULL
        ) STRICT;
        CREATE TABLE fingerprints (
            article TEXT PRIMARY KEY, day TEXT NOT NULL, fingerprint BLOB NOT NULL
        ) STRICT;
        CREATE INDEX fingerprints_day ON fingerprints (day);
        CREATE TABLE judgements (
            article TEXT PRIMARY KEY, version TEXT NOT NULL, lead TEXT, proposals TEXT NOT NULL,
            dossier TEXT, dossier_score REAL, kind TEXT NOT NULL, event TEXT, deadline TEXT
        ) STRICT;
        CREATE TABLE classifications (
            article TEXT NOT NULL, community TEXT NOT NULL, version TEXT NOT NULL, score REAL NOT NULL,
            selected INTEGER NOT NULL, evidence TEXT NOT NULL, reasons TEXT NOT NULL,
            PRIMARY KEY (article, community)
        ) STRICT;
        CREATE TABLE duplicates (
            article TEXT PRIMARY KEY, group_id TEXT NOT NULL, role TEXT NOT NULL, of TEXT, score REAL NOT NULL
        ) STRICT;
        CREATE INDEX duplicates_group ON duplicates (group_id);
        CREATE TABLE drafts (
            article TEXT NOT NULL, community TEXT NOT NULL, score REAL NOT NULL, relevance REAL NOT NULL,
            title TEXT NOT NULL, summary TEXT NOT NULL, context TEXT NOT NULL, url TEXT NOT NULL,
            source TEXT NOT NULL, published TEXT, kind TEXT NOT NULL, dossier TEXT, dossier_score REAL NOT NULL,
            keywords TEXT NOT NULL, proposals TEXT NOT NULL, reasons TEXT NOT NULL, event TEXT, deadline TEXT,
            is_lead INTEGER NOT NULL, version TEXT NOT NULL, queued TEXT NOT NULL,
            PRIMARY KEY (article, community)
        ) STRICT;
        CREATE INDEX drafts_rank ON drafts (community, score DESC, article);
        """
    )


@migrations()
def m003_people_and_nights(db: Database) -> None:
    """Verdicts (append-only) and run reports."""
    db.executescript(
        """
        CREATE TABLE reviews (
            id INTEGER PRIMARY KEY, article TEXT NOT NULL, community TEXT NOT NULL, verdict TEXT NOT NULL,
            reviewer TEXT NOT NULL, at TEXT NOT NULL, reason TEXT NOT NULL DEFAULT '', note TEXT NOT NULL DEFAULT ''
        ) STRICT;
        CREATE INDEX reviews_of ON reviews (article, community, id);
        CREATE TRIGGER reviews_never_change BEFORE UPDATE ON reviews
            BEGIN SELECT RAISE(ABORT, 'reviews are append-only'); END;
        CREATE TRIGGER reviews_never_go BEFORE DELETE ON reviews
            BEGIN SELECT RAISE(ABORT, 'reviews are append-only'); END;
        CREATE TABLE runs (
            id INTEGER PRIMARY KEY, started TEXT NOT NULL, finished TEXT, report TEXT NOT NULL
        ) STRICT;
        CREATE TABLE failures (
            id INTEGER PRIMARY KEY, run INTEGER NOT NULL, source TEXT, url TEXT NOT NULL, cause TEXT NOT NULL,
            failure TEXT NOT NULL
        ) STRICT;
        CREATE INDEX failures_run ON failures (run, cause);
        """
    )


@migrations()
def m004_desk(db: Database) -> None:
    """The desk: every act of a person in ``reviews``; what they amount to in ``draft_states``, a projection that
    can be rebuilt from them (``waiting`` of a draft belongs to it); accounts, sessions, presence."""
    db.executescript(
        """
        ALTER TABLE reviews RENAME COLUMN verdict TO act;
        ALTER TABLE reviews ADD COLUMN until TEXT;
        ALTER TABLE reviews ADD COLUMN target TEXT;
        ALTER TABLE reviews ADD COLUMN post_url TEXT NOT NULL DEFAULT '';
        ALTER TABLE reviews ADD COLUMN undoes INTEGER;
        ALTER TABLE reviews ADD COLUMN edition TEXT;
        CREATE INDEX reviews_of_community ON reviews (community, id);
        CREATE INDEX reviews_undone ON reviews (undoes) WHERE undoes IS NOT NULL;
        CREATE TABLE draft_states (
            article TEXT NOT NULL, community TEXT NOT NULL, status TEXT NOT NULL, reviewer TEXT, at TEXT,
            verdict INTEGER, revision INTEGER NOT NULL, until TEXT, holder TEXT, dossier TEXT, title TEXT,
            folded_into TEXT, reference INTEGER NOT NULL DEFAULT 0, review_by TEXT, post_url TEXT NOT NULL DEFAULT '',
            PRIMARY KEY (article, community)
        ) STRICT;
        CREATE INDEX draft_states_status ON draft_states (community, status, at);
        CREATE INDEX draft_states_until ON draft_states (until) WHERE status = 'kept';
        CREATE INDEX draft_states_folded ON draft_states (folded_into) WHERE folded_into IS NOT NULL;
        ALTER TABLE drafts ADD COLUMN waiting INTEGER NOT NULL DEFAULT 1;
        ALTER TABLE drafts ADD COLUMN origin TEXT NOT NULL DEFAULT 'night';
        ALTER TABLE drafts ADD COLUMN event_start TEXT;
        CREATE INDEX drafts_waiting ON drafts (community, score DESC, article) WHERE waiting;
        CREATE INDEX drafts_recent ON drafts (community, published DESC, article) WHERE waiting;
        CREATE INDEX drafts_source ON drafts (community, source) WHERE waiting;
        CREATE INDEX drafts_deadline ON drafts (community, deadline) WHERE deadline IS NOT NULL;
        CREATE INDEX drafts_event ON drafts (community, event_start) WHERE event_start IS NOT NULL;
        CREATE TABLE accounts (
            login TEXT PRIMARY KEY, name TEXT NOT NULL, role TEXT NOT NULL, communities TEXT NOT NULL,
            password TEXT, subject TEXT, active INTEGER NOT NULL DEFAULT 1, created TEXT NOT NULL,
            preferences TEXT NOT NULL DEFAULT '{}'
        ) STRICT;
        CREATE UNIQUE INDEX accounts_subject ON accounts (subject) WHERE subject IS NOT NULL;
        CREATE TABLE sessions (
            token TEXT PRIMARY KEY, login TEXT NOT NULL, created TEXT NOT NULL, seen TEXT NOT NULL
        ) STRICT;
        CREATE INDEX sessions_login ON sessions (login);
        CREATE TABLE api_tokens (
            token TEXT PRIMARY KEY, login TEXT NOT NULL, name TEXT NOT NULL, created TEXT NOT NULL, used TEXT
        ) STRICT;
        CREATE TABLE presence (
            article TEXT NOT NULL, community TEXT NOT NULL, login TEXT NOT NULL, at TEXT NOT NULL,
            PRIMARY KEY (article, community, login)
        ) STRICT;
        CREATE TABLE saved_filters (
            id INTEGER PRIMARY KEY, login TEXT NOT NULL, community TEXT NOT NULL, name TEXT NOT NULL,
            query TEXT NOT NULL, UNIQUE (login, community, name)
        ) STRICT;
        """
    )


@migrations()
def m004_holders(db: Database) -> None:
    """Who looks after what, found at once."""
    db.executescript(
        """
        CREATE INDEX draft_states_holder ON draft_states (holder, community) WHERE holder IS NOT NULL;
        CREATE INDEX duplicates_of ON duplicates (of) WHERE of IS NOT NULL;
        CREATE INDEX drafts_shared ON drafts (community, queued) WHERE origin = 'shared' AND waiting;
        """
    )


@migrations()
def m005_source_choices(db: Database) -> None:
    """What a person decided of a source: apart from ``sources``, which the configuration rewrites every night."""
    db.executescript(
        """
        CREATE TABLE source_choices (
            source TEXT PRIMARY KEY, enabled INTEGER NOT NULL, login TEXT NOT NULL, at TEXT NOT NULL
        ) STRICT;
        """
    )


@migrations()
def m006_samples(db: Database) -> None:
    """Samples of what was left out (drawn once a day, so that they hold still), and reference documents at hand."""
    db.executescript(
        """
        CREATE TABLE polls (
            community TEXT NOT NULL, day TEXT NOT NULL, near INTEGER NOT NULL, far INTEGER NOT NULL,
            waiting INTEGER NOT NULL, PRIMARY KEY (community, day)
        ) STRICT;
        CREATE TABLE polled (
            community TEXT NOT NULL, day TEXT NOT NULL, place INTEGER NOT NULL, article TEXT NOT NULL,
            stratum TEXT NOT NULL, score REAL NOT NULL, PRIMARY KEY (community, day, place)
        ) STRICT;
        CREATE INDEX draft_states_reference ON draft_states (community, review_by) WHERE reference;
        """
    )


@migrations()
def m007_queue_orders(db: Database) -> None:
    """Each order of a queue reads one index, which also holds what the filters ask: no row is read to be left out.

    ``waiting`` stands in them so that counting needs no row either (measured with 100,000 drafts: 26 ms -> 1 ms).
    """
    db.executescript(
        """
        DROP INDEX drafts_rank;
        DROP INDEX drafts_waiting;
        DROP INDEX drafts_recent;
        CREATE INDEX drafts_waiting ON drafts
            (community, score DESC, article, kind, source, dossier, published, waiting) WHERE waiting;
        CREATE INDEX drafts_recent ON drafts
            (community, coalesce(published, '') DESC, article, kind, source, dossier, published, score, waiting)
            WHERE waiting;
        CREATE INDEX drafts_due ON drafts
            (community, coalesce(deadline, '9999'), article, kind, source, dossier, published, score, waiting)
            WHERE waiting;
        """
    )


@migrations()
def m007_journal(db: Database) -> None:
    """The journal of one person or of one kind of act, without reading the acts of all."""
    db.executescript(
        """
        CREATE INDEX reviews_by ON reviews (community, reviewer, id);
        CREATE INDEX reviews_act ON reviews (community, act, id);
        """
    )


@migrations()
def m008_pages(db: Database) -> None:
    """Pages whose failure may pass: their articles hold the feed's own text until one of ``tries`` brings theirs."""
    db.executescript(
        """
        CREATE TABLE missing_pages (article TEXT PRIMARY KEY, tries INTEGER NOT NULL, due TEXT NOT NULL) STRICT;
        CREATE INDEX missing_pages_due ON missing_pages (due);
        """
    )


@migrations()
def m009_repeats(db: Database) -> None:
    """The keys of duplicates, kept from night to night; ``repeat_items`` says whose they are, so that they can go."""
    db.executescript(
        """
        CREATE TABLE repeat_keys (
            key INTEGER NOT NULL, day INTEGER NOT NULL, article TEXT NOT NULL, PRIMARY KEY (key, day, article)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE repeat_items (
            article TEXT PRIMARY KEY, recipe TEXT NOT NULL, day INTEGER NOT NULL, keys BLOB NOT NULL
        ) STRICT;
        """
    )


@migrations()
def m010_words(db: Database) -> None:
    """Taxonomies: every published version, which one the file holds, the draft being written, and which words each
    version of the judge read (``judgements``, ``classifications`` and ``drafts`` name theirs).

    ``taxonomy_files`` is what heals a crash between the row and the file (see ``curation.wordbook``). A draft that is
    published or given up leaves its row behind, empty: its revision must never start again.
    """
    db.executescript(
        """
        CREATE TABLE taxonomy_versions (
            community TEXT NOT NULL, number INTEGER NOT NULL, version TEXT NOT NULL, author TEXT NOT NULL,
            at TEXT NOT NULL, message TEXT NOT NULL, origin TEXT NOT NULL, content TEXT NOT NULL,
            PRIMARY KEY (community, number)
        ) STRICT;
        CREATE TRIGGER taxonomy_versions_never_change BEFORE UPDATE ON taxonomy_versions
            BEGIN SELECT RAISE(ABORT, 'taxonomy versions are append-only'); END;
        CREATE TRIGGER taxonomy_versions_never_go BEFORE DELETE ON taxonomy_versions
            BEGIN SELECT RAISE(ABORT, 'taxonomy versions are append-only'); END;
        CREATE TABLE taxonomy_files (community TEXT PRIMARY KEY, number INTEGER NOT NULL) STRICT;
        CREATE TABLE taxonomy_drafts (
            community TEXT PRIMARY KEY, base INTEGER NOT NULL, content TEXT, steps TEXT NOT NULL,
            revision INTEGER NOT NULL, since INTEGER NOT NULL, author TEXT NOT NULL, at TEXT NOT NULL
        ) STRICT;
        CREATE TABLE judges (
            version TEXT PRIMARY KEY, ground TEXT NOT NULL, words TEXT NOT NULL, since TEXT NOT NULL
        ) STRICT;
        """
    )


@migrations()
def m011_readings(db: Database) -> None:
    """What the reading of each article leaves (``curation.evidence``), so that words can be rehearsed and changed
    without reading everything again.

    ``judgements.scores`` tells the classifications in few bytes (``rows.standing_out``).
    """
    db.executescript(
        """
        CREATE TABLE recipes (id TEXT PRIMARY KEY, frame TEXT NOT NULL, words TEXT NOT NULL) STRICT;
        CREATE TABLE readings (
            article TEXT PRIMARY KEY, recipe TEXT NOT NULL, figures BLOB NOT NULL, kind TEXT NOT NULL,
            event TEXT, deadline TEXT
        ) STRICT;
        CREATE TABLE reading_words (article TEXT PRIMARY KEY, keys BLOB NOT NULL, sightings TEXT NOT NULL) STRICT;
        CREATE TABLE met_concepts (
            community TEXT NOT NULL, concept TEXT NOT NULL, article TEXT NOT NULL, label TEXT NOT NULL,
            place TEXT NOT NULL, PRIMARY KEY (community, concept, article)
        ) STRICT, WITHOUT ROWID;
        ALTER TABLE judgements ADD COLUMN scores BLOB NOT NULL DEFAULT x'';
        """
    )


@migrations()
def m012_terms(db: Database) -> None:
    """Noun phrases of what people judged (found once), and what coordinators said of the terms proposed to them."""
    db.executescript(
        """
        CREATE TABLE phrases (article TEXT PRIMARY KEY, recipe TEXT NOT NULL, phrases TEXT NOT NULL) STRICT;
        CREATE TABLE term_choices (
            id INTEGER PRIMARY KEY, community TEXT NOT NULL, keys TEXT NOT NULL, label TEXT NOT NULL,
            choice TEXT NOT NULL CHECK (choice IN ('refused', 'restored')), author TEXT NOT NULL, at TEXT NOT NULL
        ) STRICT;
        CREATE INDEX term_choices_of ON term_choices (community, keys, id);
        CREATE TRIGGER term_choices_never_change BEFORE UPDATE ON term_choices
            BEGIN SELECT RAISE(ABORT, 'choices about terms are append-only'); END;
        CREATE TRIGGER term_choices_never_go BEFORE DELETE ON term_choices
            BEGIN SELECT RAISE(ABORT, 'choices about terms are append-only'); END;
        """
    )


@migrations()
def m013_foundings(db: Database) -> None:
    """Communities begun at the desk (see ``curation.foundings``), and the sources they follow: a hint that the
    configuration, which rewrites its own sources every night, must not wipe out."""
    db.executescript(
        """
        CREATE TABLE foundings (
            id INTEGER PRIMARY KEY, community TEXT NOT NULL UNIQUE, origin TEXT NOT NULL, author TEXT NOT NULL,
            at TEXT NOT NULL
        ) STRICT;
        CREATE TRIGGER foundings_never_change BEFORE UPDATE ON foundings
            BEGIN SELECT RAISE(ABORT, 'foundings are append-only'); END;
        CREATE TRIGGER foundings_never_go BEFORE DELETE ON foundings
            BEGIN SELECT RAISE(ABORT, 'foundings are append-only'); END;
        CREATE TABLE source_followers (
            source TEXT NOT NULL, community TEXT NOT NULL, PRIMARY KEY (source, community)
        ) STRICT, WITHOUT ROWID;
        """
    )


@migrations()
def m014_corpus(db: Database) -> None:
    """A count that moves with everything a rehearsal keeps in memory, whoever writes it: a store method that forgot to
    count would let a stale rehearsal be believed."""
    db.executescript(
        """
        CREATE TABLE corpus_changes (id INTEGER PRIMARY KEY CHECK (id = 0), count INTEGER NOT NULL) STRICT;
        INSERT INTO corpus_changes VALUES (0, 0);
        """
        + _counted("readings", "reading_words", "judgements", "vectors")
    )


@migrations()
def m015_occurrences(db: Database) -> None:
    """Where labels stand in each text that was read, whatever they mean there, so that changing what they mean takes no
    text. In a table of its own, in the order of ids: a rehearsal goes through the whole of it, and keeps it."""
    db.executescript(
        "CREATE TABLE occurrences (article TEXT PRIMARY KEY, occurrences BLOB NOT NULL) STRICT, WITHOUT ROWID;"
        + _counted("occurrences")
    )


def _counted(*tables: str) -> str:
    """Triggers: every change of these tables moves the count of ``m014_corpus``."""
    return "".join(
        f"""
        CREATE TRIGGER {table}_{act.lower()}_counted AFTER {act} ON {table}
            BEGIN UPDATE corpus_changes SET count = count + 1; END;
        """
        for table in tables
        for act in ("INSERT", "UPDATE", "DELETE")
    )
