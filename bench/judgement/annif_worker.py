"""Run by the Python of Annif's own environment: trains its projects on each fold and scores what was held out.

stdin: JSON ``{"vocabulary": Turtle, "subjects": [uri], "folds": [{"train": [[text, [uri]]], "test": [text]}]}``.
stdout: JSON ``{"version": ..., "scores": {project: [[[score of each subject] of each text] of each fold]}}``;
progress and what a backend says go to stderr. Nothing of veille is imported here.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

#: The configurations compared, as Annif's documentation proposes them; fastText fails on folds this small (NaN).
PROJECTS = {
    "tfidf": {"backend": "tfidf"},
    "mllm": {"backend": "mllm"},
    "svc": {"backend": "svc", "ngram": "2", "min_df": "2"},
    "omikuji-parabel": {"backend": "omikuji", "min_df": "1", "ngram": "2"},
    "ensemble": {"backend": "ensemble", "sources": "tfidf,mllm:2,svc:2,omikuji-parabel:2"},
}


def main() -> None:
    """Read the folds, train, score."""
    task = json.load(sys.stdin)
    kept = os.dup(1)
    os.dup2(2, 1)  # compiled backends print their progress on stdout
    with tempfile.TemporaryDirectory(prefix="annif-") as name, contextlib.chdir(name):
        answer = run(task)
    with os.fdopen(kept, "w") as out:
        json.dump(answer, out)


def run(task: dict[str, Any]) -> dict[str, Any]:
    """Every project on every fold, in the current folder."""
    lines = []
    for project, settings in PROJECTS.items():
        lines += [f"[{project}]", f"name={project}", "language=fr", "vocab=communautes", "analyzer=snowball(french)",
                  "limit=100", *(f"{key}={value}" for key, value in settings.items())]  # fmt: skip
    Path("projects.cfg").write_text("\n".join(lines), encoding="utf-8")
    Path("vocabulary.ttl").write_text(task["vocabulary"], encoding="utf-8")
    import annif
    import annif.registry
    from annif.corpus import Document, SubjectSet
    from annif.corpus.document import DocumentList
    from annif.vocab import VocabFileSKOS

    _without_sentence_model()
    app = annif.create_flask_app("annif.default_config.Config")
    app.config["PROJECTS_CONFIG_PATH"] = "projects.cfg"
    scores: dict[str, Any] = {project: [] for project in PROJECTS}
    for number, fold in enumerate(task["folds"]):
        app.config["DATADIR"] = str(Path.cwd() / f"data-{number}")
        with app.app_context():
            annif.registry.initialize_projects(app)
            annif.registry.get_vocab("communautes").load_vocabulary(VocabFileSKOS("vocabulary.ttl"))
            for name in PROJECTS:
                project = annif.registry.get_project(name)
                index = project.subjects
                if name != "ensemble":
                    documents = [
                        Document(text, SubjectSet([index.by_uri(uri) for uri in uris]))
                        for text, uris in fold["train"]
                        if uris
                    ]
                    project.train(DocumentList(documents))
                rows = []
                corpus = DocumentList([Document(text) for text in fold["test"]])
                for result in project.suggest_corpus(corpus):
                    found = {index[s.subject_id].uri: float(s.score) for s in result}
                    rows.append([found.get(uri, 0.0) for uri in task["subjects"]])
                scores[name].append(rows)
    from importlib.metadata import version

    return {"version": version("annif"), "scores": scores}


def _without_sentence_model() -> None:
    """Sentences cut at their stops: NLTK's model of sentences is a download that no package carries.

    Words are still cut by NLTK and stemmed by Snowball; sentences matter to MLLM's positions only.
    """
    import re

    import nltk.tokenize
    from annif.analyzer.analyzer import Analyzer

    def sentences(text: str, *_: Any, **__: Any) -> list[str]:
        return [part for part in re.split(r"(?<=[.!?…])\s+", text) if part]

    nltk.download = lambda *_, **__: False
    nltk.tokenize.sent_tokenize = sentences
    Analyzer.tokenize_sentences = lambda self, text: sentences(text)


if __name__ == "__main__":
    main()
