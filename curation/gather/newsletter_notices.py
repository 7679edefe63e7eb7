"""Lines of a newsletter and their roles -> its notices: title, section, source, text, the link to follow."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field, replace

from curation.gather.boilerplate import fold
from curation.gather.clean import clip
from curation.gather.newsletter_lines import Line, Link
from curation.gather.newsletter_roles import (
    Role,
    assign_roles,
    bare,
    brief_link,
    invites,
    without_furniture,
    without_invitation,
)
from curation.gather.newsletter_words import (
    cite,
    is_agenda,
    is_dated,
    is_generic,
    is_greeting,
    is_secondary,
)


@dataclass(slots=True)
class Notice:
    """One item of a newsletter. ``url``: cleaned, or ""."""

    title: str
    section: str | None = None
    cited_source: str | None = None
    paragraphs: list[str] = field(default_factory=list)
    title_link: str = ""
    actions: list[Link] = field(default_factory=list)
    inline: list[Link] = field(default_factory=list)
    done: bool = False  # its link was met: what follows belongs to another notice
    strong: bool = True  # it looked like a title
    line: Line | None = None

    @property
    def url(self) -> str:
        first = [link for link in self.actions if not is_secondary(link.label)]
        generic = [link for link in self.inline if is_generic(link.label)]
        for links in (
            first,
            [Link("", self.title_link)] if self.title_link else [],
            generic,
            self.actions,
            self.inline,
        ):
            if links:
                return links[0].url
        return ""

    @property
    def summary(self) -> str:
        return "\n".join(self.paragraphs)


def read_notices(lines: list[Line], *, bases: tuple[str, ...] = (), heading: str = "") -> list[Notice]:
    """Notices of a letter in their order. ``heading``: its subject or title, which is no notice."""
    kept = without_furniture(lines, bases)
    roles = assign_roles(kept, fold(heading))
    reader = _Reader(mass=Counter(line.style for line, role in zip(kept, roles, strict=True) if role is Role.TITLE))
    for line, role in zip(kept, roles, strict=True):
        reader.read(line, role)
    reader.close()
    return reader.notices


# --- from roles to notices ----------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Reader:
    """Takes the lines one by one; ``notices`` grows as they close."""

    mass: Counter[tuple[object, ...]]  # style of titles -> how many titles wear it
    notices: list[Notice] = field(default_factory=list)
    current: Notice | None = None
    section: str | None = None
    loose: list[Line] = field(default_factory=list)  # texts under no title yet
    day: str = ""  # « Jeudi 12 mars », waiting for its title

    def read(self, line: Line, role: Role) -> None:
        if role is Role.SKIP:
            return
        if role is Role.SECTION:
            self.close()
            self.section, self.loose, self.day = _section_name(line.text), [], ""
        elif role is Role.TITLE:
            self._title(line)
        elif role is Role.RUN_IN:
            self._run_in(line)
        elif role is Role.BRIEF:
            self._brief(line)
        elif role is Role.CITE:
            self._cite(line)
        elif role is Role.DAY:
            self._day(line)
        elif role is Role.ACTION:
            self._action(line)
        else:
            self._text(line)

    def close(self) -> None:
        """End the current notice and keep it when it says something."""
        notice, self.current = self.current, None
        if notice is None or not notice.title:
            return
        words = len(fold(notice.title).split())
        told = bool(notice.cited_source or len(notice.summary) >= 40)
        if notice.url:
            listed = notice.section is not None or (notice.line is not None and self.mass[notice.line.style] >= 3)
            if told or notice.actions or (words >= 3 and (listed or notice.paragraphs)) or words >= 5:
                self.notices.append(notice)
        elif notice.cited_source or (notice.section and told and not is_greeting(notice.title)):
            self.notices.append(notice)

    def _open(self, title: str, line: Line, *, strong: bool = True) -> Notice:
        self.close()
        self.current = Notice(_NUMBER.sub("", bare(title)), self.section, strong=strong, line=line)
        if self.day:
            self.current.paragraphs.append(self.day)
        self.loose, self.day = [], ""
        return self.current

    def _title(self, line: Line) -> None:
        url = line.links[0].url if line.links else ""
        now = self.current
        if now is not None and not now.done and not now.paragraphs and not now.cited_source:
            if fold(now.title) == fold(line.text):  # said twice: picture and text, link and heading
                now.title_link = now.title_link or url
                return
            if not url and now.title_link and line.style != now.line.style if now.line else False:
                now.paragraphs.append(line.text)  # a subtitle
                return
        if self.loose and is_dated(self.loose[-1].text) and len(self.loose[-1].text) <= 90:
            self.day = self.loose[-1].text
        notice = self._open(line.text, line)
        notice.title_link = url

    def _day(self, line: Line) -> None:
        """A day goes with the title right above it, else with the next one."""
        now = self.current
        if now is not None and not now.done and not now.paragraphs:
            now.paragraphs.append(line.text)
        else:
            self.day = line.text

    def _brief(self, line: Line) -> None:
        link = brief_link(line)
        assert link is not None
        now = self.current
        if now is not None and not now.done and now.strong and not now.url and not line.item:
            self._text(line)  # a paragraph, whose link serves the title above
            return
        if now is not None and not now.done and now.strong and now.title_link and not line.item:
            self._text(line)
            return
        notice = self._open(link.label, line, strong=False)
        notice.title_link = link.url
        rest = line.text.strip(" •-–—*►▶")
        leftover = rest.replace(link.label, "", 1).strip(" .,;:–—-()|•")
        found = cite(leftover) if leftover and not is_agenda(self.section) else None
        if found:
            notice.cited_source = found[0]
            leftover = found[1]
        elif len(leftover) > 3:
            notice.paragraphs.append(rest if len(leftover) < 60 or rest.find(link.label) > 0 else leftover)
        notice.inline += [other for other in line.links if other is not link]

    def _cite(self, line: Line) -> None:
        if (
            is_agenda(self.section)
            and line.hint != "cite"
            and re.search(r"\b\d{1,2}(?:er)?\s+\w{3,9}\s+\d{4}", line.text)
        ):
            self._text(line)  # in a diary, « Lyon, 12 mars 2026 » is where and when
            return
        found = cite(line.text) or (line.text.strip(" ."), "")
        now = self.current
        if now is None or now.done:
            if not self.loose:
                return
            opener = self.loose[-1]
            now = self._from_loose(opener)
        elif now.cited_source is not None or (now.paragraphs and now.paragraphs != [self.day]):
            last = now.paragraphs[-1] if now.paragraphs else ""
            if now.cited_source is not None and len(now.paragraphs) >= 2 and len(last) <= 250 and line.hint != "cite":
                now.paragraphs.pop()  # the last paragraph was the title of the next notice
                now = self._open(last, line, strong=True)
            elif now.cited_source is not None:
                now.paragraphs.append(line.text)
                return
        now.cited_source = found[0]
        now.inline += line.links
        if len(found[1]) > 40:
            now.paragraphs.append(found[1])

    def _from_loose(self, opener: Line) -> Notice:
        notice = self._open(opener.text, opener)
        notice.title_link = opener.links[0].url if opener.links else ""
        return notice

    def _action(self, line: Line) -> None:
        links = [link for link in line.links if link.url]
        if self.loose and (self.current is None or self.current.done):
            loose = self.loose
            if len(loose) > 1 and len(loose[0].text) <= 250:
                found = self._open(loose[0].text, loose[0])
                found.paragraphs += [text.text for text in loose[1:]]
            else:
                found = self._open(_first_sentence(loose[0].text), loose[0])
                found.paragraphs += [text.text for text in loose]
        if self.current is not None:
            self.current.actions += [Link(bare(link.label), link.url) for link in links]
            self.current.done = True

    def _text(self, line: Line) -> None:
        now = self.current
        if now is None or now.done:
            if line.run_in:
                self._run_in(line)
                return
            if line.gap and line.lead:
                self.loose = []
            self.loose.append(line)
            if len(line.text) >= 40 and invites(line):
                self._sole_paragraph(line)
            elif len(self.loose) > 12:
                del self.loose[0]
            return
        if line.item and now.line is not None and now.line.item:
            self.close()
            self.loose = [line]
            return
        if line.lead and line.gap and (now.cited_source or len(now.paragraphs) > 1) and len(line.text) <= 200:
            self._open(line.text, line)
            return
        text, ended = without_invitation(line)
        if text and fold(text) != fold(now.title):
            now.paragraphs.append(text)
        if ended is not None:
            now.actions.append(ended)
            now.done = True
        now.inline += [link for link in line.links if link is not ended]

    def _run_in(self, line: Line) -> None:
        """« <b>Titre.</b> Texte »: title and text in one paragraph."""
        rest = line.text.removeprefix(line.run_in).lstrip(" .,:;–—-")
        notice = self._open(line.run_in.rstrip(" .:–—-"), line)
        linked = [link for link in line.links if link.label and link.label in line.run_in]
        notice.title_link = linked[0].url if linked else ""
        plain, ended = without_invitation(replace(line, text=rest))
        found = cite(plain)
        if found:
            notice.cited_source = found[0]
            rest = found[1]
            notice.actions += [ended] if ended else []
        if len(rest) > 2:
            text = replace(
                line, text=rest, run_in="", links=tuple(x for x in line.links if x not in linked), item=False
            )
            self._text(text)

    def _sole_paragraph(self, line: Line) -> None:
        """A paragraph that ends with its link is a notice; its title is the text before it, or its first sentence."""
        text, ended = without_invitation(line)
        before = self.loose[-2] if len(self.loose) > 1 and len(self.loose[-2].text) <= 200 else None
        notice = self._open(before.text if before else _first_sentence(text), before or line, strong=before is not None)
        notice.paragraphs.append(text)
        notice.actions += [ended] if ended else []
        notice.done = True


def _section_name(text: str) -> str:
    """A heading as it would stand in a sentence: « ACTION PUBLIQUE » -> « Action publique »; acronyms stay."""
    text = _NUMBER.sub("", text.strip(" :►▶•#|-–—_*»>"))
    if not text.isupper() or not re.search(r"\w{5}", text):
        return text
    words = re.sub(r"\w+", lambda m: m.group() if _ACRONYM.fullmatch(m.group()) else m.group().lower(), text)
    return words[:1].upper() + words[1:]


_NUMBER = re.compile(r"^(?:\d{1,2}[.)]|\d{1,2}(?:\.\d{1,2}){1,3}[.)]?|[IVX]{1,5}[.)]|[A-Z]\))\s+(?=\S)")
_ACRONYM = re.compile(
    r"[^AEIOUYÀÂÉÈÊÎÔÛ\d]{2,5}|ZAN|PLUI?H?|EPCI|ESS|RGPD|IA|QPV|NPNRU|AMI|ANCT|UE|EPF|OPAH|RSE|TZCLD|DDT|\d+"
)


def _first_sentence(text: str) -> str:
    sentence = re.split(r"(?<=[.!?])\s+(?=[A-ZÀ-Ý«])", text, maxsplit=1)[0]
    return clip(sentence.rstrip(" ."), 160)
