#!/usr/bin/env python3
"""Holds `maildrill parse` to what parsers/README.md says of it.

usage: parse.py MAILDRILL SOURCE

Each kind that --help lists has a section with a table of its members, and samples below. Every
member of every object that comes out is documented, with its type, and every documented member
comes out for some sample. Then: --strict, --each-line, errors, and input without end.
"""

import json
import os
import re
import subprocess
import sys

MAILDRILL, SOURCE = sys.argv[1:3]

# Where a member is an object or an array of objects: the section that describes these.
INSIDE = {
    ("command", "reverse_path"): "path",
    ("command", "forward_path"): "path",
    ("command", "parameters"): "a parameter of a command",
    ("command", "attributes"): "a parameter of a command",
    ("params", "parameters"): ("a parameter of a command", "a parameter of a header field"),
    ("ehlo", "keywords"): "a keyword of ehlo",
    ("data", "endings"): "an ending of data",
    ("encoded-word", "pieces"): "a piece of encoded-word",
    ("content-type", "parameters"): "a parameter of a header field",
    ("content-disposition", "parameters"): "a parameter of a header field",
    ("address", "addresses"): "an address",
    ("address", "diagnosis"): "a diagnosis",
    ("an address", "diagnosis"): "a diagnosis",
    ("msgid", "msg_ids"): "a msg-id",
    ("received", "clauses"): "a clause of received",
    ("received", "date"): "date",
}

SAMPLES = {
    "command": [
        b"EHLO client.example.test\r\nMAIL FROM:<a@b> SIZE=1 BODY=8BITMIME X\r\n"
        b"RCPT TO:<\"a b\"@[192.0.2.1]> NOTIFY=NEVER\r\nBDAT 3 LAST\r\nAUTH PLAIN AGEAYg==\r\n"
        b"BURL imap://a/b LAST\r\nXCLIENT ADDR=192.0.2.1\r\nVRFY \xff\r\nMAIL x\r\nNOOP",
        b"MAIL FROM:<a@b> RET=FULL ENVID=a+2Bb AUTH=<> MT-PRIORITY=3 BY=1;R HOLDFOR=1\r\n"
        b"RCPT TO:<a@b> ORCPT=rfc822;a+2Bb@c RRVS=2014-04-03T23:01:00Z;C SIZE=x\r\n",
    ],
    "path": [b"<@a,@b:c@d>", b"<>", b"a@b", b"<a", b""],
    "params": [b"SIZE=100 BODY=8BITMIME", b"text/plain; charset=utf-8", b"attachment; filename=a",
               b"charset=utf-8; format=flowed", b""],
    "reply": [b"250-a\r\n250 b\r\n550 5.1.1 no\r\n999 x\r\nhello\r\n250-"],
    "ehlo": [
        b"250-h hello\r\n250-SIZE 10\r\n250-AUTH PLAIN LOGIN\r\n250-LIMITS RCPTMAX=5\r\n250-DELIVERBY 3\r\n"
        b"250-FUTURERELEASE 9 2030-01-01T00:00:00Z\r\n250-XCLIENT NAME\r\n250-X-UNKNOWN a b\r\n250 AUTH=PLAIN\r\n",
        b"250 \r\n",
    ],
    "proxy": [b"PROXY TCP4 192.0.2.1 198.51.100.2 1234 25\r\n", b"PROXY UNKNOWN\r\n",
              b"\r\n\r\n\0\r\nQUIT\n\x20\0\0\0", b"EHLO me\r\n"],
    "data": [b"a\r\n..b\r\n.\r\nc\n.\r\nd\r\n.\r\n", b"a"],
    "bdat": [b"BDAT 3\r\nabcBDAT 1 LAST\r\n\xffBDAT 0\r\nNOOP\r\nBDAT 9\r\na"],
    "fields": [b"Subject: a\r\n b\r\nX: \xc3\xbc\r\n\r\n", b"no colon\r\nA: \xff\r\n"],
    "encoded-word": [b"a =?utf-8*en?Q?=C3=BC?= =?utf-8?B?w7w=?= =?x?U?a?=", b""],
    "content-type": [b"text/plain; charset=utf-8; name*=iso-8859-1'en'%FC; a*0=b; a*1=c; d; e==?utf-8?Q?=C3=BC?=", b";"],
    "content-disposition": [b"attachment; filename=\"a b\"", b""],
    "date": [b"Fri, 21 Nov 1997 09:55:06 -0600", b"Fry, 18 Dec 17 14:36:00 +0100 GMT", b"21 Nov 97 25:00", b"x", b""],
    "address": [b"\"A B\" <@x:a@b> (c), g: d@e, =?utf-8?Q?=C3=BC?= <f@g>;, alone, (only), <>", b""],
    "msgid": [b"<a@b> <c (x) . d@[e]>\r\n <f> g@h", b"", b"(none)"],
    "received": [
        b"from a.example (b.example [192.0.2.1])\r\n\tby c.example (x) via TCP with ESMTPS id d"
        b" for <e@f>; Fri, 21 Nov 1997 09:55:06 -0600",
        b"(qmail 1 invoked by uid 2); x", b"", b"from a; x",
    ],
}

EXACT = [  # arguments, input, what stands in the output
    (["encoded-word"], b"=?iso-8859-1?Q?M=FC?= =?iso-8859-15?Q?=A4?=\n", {"text": "M\u00fc\u20ac"}),
    # two words may split a character between them
    (["encoded-word"], b"=?utf-8?Q?M=C3?= =?utf-8?Q?=BC?=", {"text": "M\u00fc", "quirks": ["invalid-charset"]}),
    (["encoded-word"], b"=?no-such-charset?Q?=FC?=", {"text": {"hex": "fc"}, "quirks": []}),
    # octets that are none of the charset's
    (["encoded-word"], b"=?us-ascii?Q?=C3=BC?=", {"text": "\u00fc", "quirks": ["invalid-charset"]}),
    (["encoded-word"], b"=?shift_jis?B?kw==?=", {"text": {"hex": "93"}, "quirks": ["invalid-charset"]}),
    (["encoded-word"], b"=?iso-2022-jp?B?GyRCRnw=?= =?iso-2022-jp?B?GyRCS1wbKEI=?=",
     {"text": "\u65e5\u672c", "quirks": []}),
    (["address"], b"=?utf-8?Q?=FC?= <a@b>", {"quirks": ["invalid-charset"]}),
    (["content-type"], b"a/b; c*=utf-8''%FC", {"quirks": ["invalid-extended"]}),
    # encoded words that a quoted string holds, or a part of
    (["address"], b"\"=?utf-8?Q?=C3=BC?= b\" <c@d>", {"quirks": ["misplaced-encoded-word"]}),
    (["address"], b"=?utf-8?Q?a?= \"=?utf-8?Q?b?=\" <c@d>", {"quirks": ["misplaced-encoded-word"]}),
    (["address"], b"=?utf-8?Q?a_\"b\"?= <c@d>", {"quirks": ["misplaced-encoded-word"]}),
    (["address"], b"\"=?utf-8?Q?a?=\" (=?utf-8?Q?b?=) c <d@e>", {"quirks": ["misplaced-encoded-word"]}),
    (["address"], b"\"=?utf-8?Q?a?=\": c@d;", {"quirks": ["misplaced-encoded-word"]}),
    (["address"], b"=?utf-8?Q?a?= \"b\" =?utf-8?Q?c?= <d@e>", {"quirks": []}),
    (["address"], b"\"=?utf-8?Q?a\" <c@d>", {"quirks": ["unclosed-encoded-word"]}),
    (["address"], b"c@d (\"=?utf-8?Q?a?=\")", {"quirks": ["glued-encoded-word"]}),
    # an octet that ends no line is of the value
    (["address"], b"a@b\r", {"quirks": ["bare-cr"]}),
    (["address"], b"a@b\r\n", {"quirks": []}),
    (["address"], b"a@b\n", {"quirks": []}),
    (["encoded-word"], b"=?KS_C_5601-1987?B?x9GxuQ==?=", {"text": "\ud55c\uad6d"}),
    (["encoded-word"], b"=?gb2312?B?1tDpRg==?=", {"text": "\u4e2d\u9555"}),
    (["encoded-word"], b"=?latin-1?Q?=E9?=", {"text": "\u00e9"}),
    (["encoded-word"], b"=?utf-8?Q?a b?=", {"quirks": ["space-in-encoded"]}),
    (["content-type"], b"a/b; c*=koi8-r''%C1", {"parameters": [
        {"attribute": "c", "value": "\u0430", "decoded_value": None, "charset": "koi8-r", "language": None,
         "sections": 0, "quirks": []}]}),
    # an encoded word that the sections of a value share
    (["params"], b"a/b; c*0=\"=?utf-8?Q?=C3\"; c*1=\"=BC?=\"", {"parameters": [
        {"attribute": "c", "value": "=?utf-8?Q?=C3=BC?=", "decoded_value": "\u00fc", "charset": None, "language": None,
         "sections": 2, "quirks": ["misplaced-encoded-word"]}]}),
    (["command", "--strict"], b"NOOP\n",
     {"status": "error", "error": "not allowed by --strict: bare-lf", "error_offset": 0, "quirks": ["bare-lf"],
      "consumed": 5, "verb": "NOOP"}),
    (["command", "--strict"], b"NOOP\r\n", {"status": "ok"}),
    (["command"], b"MAIL FROM:<a\r\n", {"status": "error", "error_offset": 10}),
    (["path"], b"<>", {"null": True, "consumed": 2}),
    (["path"], b"<a@b> SIZE=1", {"status": "ok", "consumed": 5}),
    (["path"], b"<a@b>x", {"status": "error", "error_offset": 5}),
    (["fields"], b"A: \xc3\xbc\r\n\r\n", {"quirks": ["utf8"]}),
    (["fields"], b"A: \xfc\r\n\r\n", {"quirks": ["eight-bit"], "body": {"hex": "20fc"}}),
    (["fields"], b"A:\t b\r\n c \r\n\r\n", {"body": "\t b c ", "value": "b c", "folds": 1}),
    (["fields"], b"A: \r\n", {"body": " ", "value": ""}),
    (["data"], b"a\n.\nb\r\n.\r\n", {"models_disagree": True, "consumed": 10, "quirks": ["bare-lf", "lf-dot"]}),
    (["data"], b"a\r\n.\r\n", {"models_disagree": False, "content": "a\r\n"}),
    (["bdat"], b"BDAT 3 LAST\r\n\n.\n", {"content": "\n.\n", "content_octets": 3, "consumed": 16}),
    (["ehlo"], b"250-a_b\r\n250 SIZE\r\n", {"quirks": ["invalid-domain"], "domain": "a_b"}),
    (["ehlo"], b"250-\r\n250 SIZE\r\n", {"quirks": ["no-domain"], "domain": None, "keywords": [
        {"keyword": "SIZE", "params": "", "known": True, "size": 0, "quirks": []}]}),
    (["ehlo"], b"550-go away\r\n550 SIZE\r\n",
     {"quirks": [], "code": 550, "domain": None, "greet": None, "keywords": []}),
    (["params"], b"RET=HDRS X=y\r\n", {"syntax": "esmtp", "consumed": 12}),
    (["received"], b"by c for <a@b>, <d@e>; x", {"for": "<a@b>", "quirks": ["no-date", "invalid-clause"]}),
    (["date"], b"Fry, 18 Dec 17 14:36:00 +0100 GMT\n", {"status": "ok", "timestamp": 1513604160}),
    (["date", "--strict"], b"Fri, 21 Nov 97 09:55:06 -0600\n", {"status": "error", "timestamp": 880127706}),
    (["date", "--strict"], b"Fri, 21 Nov 1997 09:55:06 -0600\n", {"status": "ok", "timestamp": 880127706}),
]

failures = 0


def fail(text):
    global failures
    failures += 1
    print("FAILED:", text)


def run(arguments, octets):
    done = subprocess.run([MAILDRILL, "parse", *arguments], input=octets, capture_output=True, check=True)
    return [json.loads(line) for line in done.stdout.decode().splitlines()]


def documented():
    """{section: {member: type}} of the tables in the README."""
    sections, name = {}, None
    with open(SOURCE + "/parsers/README.md", encoding="utf-8") as readme:
        for line in readme:
            if line.startswith("### "):
                name = line[4:].strip()
                sections[name] = {}
            elif line.startswith("## "):
                name = None
            row = re.match(r"\| ((?:`[a-z0-9_]+` ?)+)\| ([a-z? ]+) \|", line)
            for member in re.findall("`([a-z0-9_]+)`", row.group(1)) if row and name else []:
                sections[name][member] = row.group(2)
    return sections


def is_text(value):
    return isinstance(value, str) or (isinstance(value, dict) and set(value) == {"hex"})


def is_number(value):
    return isinstance(value, (int, float)) and not isinstance(value, bool)


TYPES = {
    "text": is_text,
    "text?": lambda value: value is None or is_text(value),
    "number": is_number,
    "boolean": lambda value: isinstance(value, bool),
    "object": lambda value: isinstance(value, dict),
    "object?": lambda value: value is None or isinstance(value, dict),
    "number?": lambda value: value is None or is_number(value),
    "any": lambda value: True,
    "array of text": lambda value: isinstance(value, list) and all(map(is_text, value)),
    "array of object": lambda value: isinstance(value, list) and all(isinstance(v, dict) for v in value),
}

seen = set()  # (section, member)


def check_object(value, section, sections, common=()):
    """Every member is documented, and of its type."""
    for member, inner in value.items():
        place = section if member in sections[section] else "every object" if member in common else None
        if place is None:
            fail(f"{section}: member {member} is not in parsers/README.md")
            continue
        seen.add((place, member))
        if not TYPES[sections[place][member]](inner):
            fail(f"{section}: {member} is {inner!r}, not {sections[place][member]}")
        below = INSIDE.get((section, member))
        if below is None:
            continue
        for entry in inner if isinstance(inner, list) else [inner] if inner is not None else []:
            choices = below if isinstance(below, tuple) else (below,)
            fitting = [name for name in choices if set(entry) <= set(sections[name])]
            if not fitting:
                fail(f"{section}: {member} has an entry of members {sorted(entry)}")
            else:
                check_object(entry, fitting[0], sections)


def check_kinds(sections):
    text = subprocess.run([MAILDRILL, "parse", "--help"], capture_output=True, check=True).stdout.decode()
    kinds = re.findall(r"^  ([a-z][a-z-]*) ", text.partition("KIND is one of")[2], re.MULTILINE)
    if not kinds:
        fail("--help lists no kinds")
    for kind in kinds:
        if kind not in sections or kind not in SAMPLES:
            fail(f"kind {kind} has no section in parsers/README.md, or no samples in {sys.argv[0]}")
            continue
        for octets in SAMPLES[kind]:
            objects = run([kind], octets)
            if not objects:
                fail(f"{kind}: nothing is printed for {octets!r}")
            for value in objects:
                check_object(value, kind, sections, sections["every object"])
                if value["status"] == "ok" and not {"consumed", "quirks"} <= set(value):
                    fail(f"{kind}: an ok without consumed or quirks: {value}")
                if value["status"] == "error" and not {"error", "error_offset"} <= set(value):
                    fail(f"{kind}: an error without its place: {value}")
    for section, members in sections.items():
        for member in members:
            if (section, member) not in seen:
                fail(f"{section}: {member} is documented, and no sample shows it")


def check_exact():
    for arguments, octets, expected in EXACT:
        objects = run(arguments, octets)
        for name, value in expected.items():
            if not objects or objects[0].get(name, "missing") != value:
                fail(f"parse {' '.join(arguments)} of {octets!r}: {name} is not {value!r} in {objects}")


def check_unfinished():
    """What has no end is read once, not once more from each of its lines."""
    got = [o["status"] for o in run(["reply"], b"250-a\r\n" * 50000)]
    if got != ["more"]:
        fail(f"a reply without its last line: {len(got)} objects")
    got = [(o["status"], o.get("error_offset")) for o in run(["reply"], b"250-a\r\n250-b\r\n550 c\r\n550 d\r\n")]
    if got != [("error", 14), ("ok", None), ("ok", None)]:
        fail(f"behind a line at fault: {got}")


def check_body():
    """The body behind a header holds no fields."""
    got = [o.get("kind") for o in run(["fields"], b"A: b\r\n\r\nC: d\r\nx\r\n\r\n")]
    if got != ["field", "header-end"]:
        fail(f"a message as fields: {got}")


def check_each_line():
    for kind, samples in SAMPLES.items():
        lines = [line for octets in samples for line in octets.split(b"\n")]
        objects = run([kind, "--each-line"], b"\n".join(lines))
        if len(objects) != len(lines) - (lines[-1] == b""):
            fail(f"--each-line of {kind}: {len(objects)} objects for {len(lines)} lines")
    lines = run(["path", "--each-line"], b"<a@b>\r\n\n<>\nx@y")
    if [line["status"] for line in lines] != ["ok", "error", "ok", "ok"]:
        fail(f"--each-line: {lines}")
    for kind, octets in [("command", b"NOOP\nMAIL FROM:<a@b>\r\n"), ("reply", b"250 a\n"), ("fields", b"A: b\n\nC: d\n")]:
        got = [(o["status"], o["quirks"]) for o in run([kind, "--each-line", "--strict"], octets)]
        if got != [("ok", [])] * octets.count(b"\n"):
            fail(f"--each-line --strict of {kind}, whose lines LF ends: {got}")
    if run(["command", "--strict"], b"NOOP\n")[0]["quirks"] != ["bare-lf"]:
        fail("LF of a stream stands for CRLF")
    if [value["status"] for value in run(["command"], b"MAIL\r\nNOOP\r\nNO")] != ["error", "ok", "more"]:
        fail("a stream goes on behind an error")


def check_cuts():
    """Input that comes in pieces gives what whole input does."""
    for kind, samples in SAMPLES.items():
        octets = samples[0]
        whole = run([kind], octets)
        child = subprocess.Popen([MAILDRILL, "parse", kind], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        for at in range(len(octets)):
            child.stdin.write(octets[at:at + 1])
            child.stdin.flush()
        out = child.communicate()[0]
        if [json.loads(line) for line in out.decode().splitlines()] != whole:
            fail(f"{kind}: input in pieces reads otherwise")


def check_at_once():
    """A person who types sees the answer to a line before the next."""
    child = subprocess.Popen([MAILDRILL, "parse", "command"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    child.stdin.write(b"NOOP\r\n")
    child.stdin.flush()
    first = json.loads(child.stdout.readline())
    child.communicate()
    if first["verb"] != "NOOP":
        fail(f"the first line: {first}")


def check_usage():
    """Exit codes: 0 whatever was read, errors too; 2 where the call is wrong."""
    for arguments, code in [(["path"], 0), ([], 2), (["no-such-kind"], 2), (["path", "date"], 2), (["path", "--x"], 2)]:
        done = subprocess.run([MAILDRILL, "parse", *arguments], input=b"<a", capture_output=True, check=False)
        if done.returncode != code or (code == 2) != (done.stdout == b"" and done.stderr != b""):
            fail(f"parse {' '.join(arguments)}: exit code {done.returncode}, not {code}")


def peak_kib(kind, block, count):
    """The most memory that parsing `count` blocks takes, up to the last octets, which the pipe holds."""
    # AddressSanitizer keeps freed memory back, some hundred megabytes if it is let
    small = dict(os.environ, ASAN_OPTIONS=os.environ.get("ASAN_OPTIONS", "") +
                 ":quarantine_size_mb=1:thread_local_quarantine_size_kb=64")
    with subprocess.Popen([MAILDRILL, "parse", kind], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
                          env=small) as child:
        for _ in range(count):
            child.stdin.write(block)
        child.stdin.flush()
        with open(f"/proc/{child.pid}/status", encoding="utf-8") as status:
            peak = re.search(r"^VmHWM:\s+(\d+) kB", status.read(), re.MULTILINE)
    if child.returncode != 0:
        fail(f"{kind}: exit code {child.returncode}")
    return int(peak.group(1))


# Elements without end, and single elements that do not end: blocks of some 16 KiB, how many of them
# fill the buffers, and how many take no more memory than these. 6250 are 100 MB.
ENDLESS = [
    ("data", b"a line of text\r\n" * 1000, 300, 6250),
    ("data", b"a\n.\n" * 4000, 30, 120),
    ("bdat", b"BDAT 16000\r\n" + b"0123456789abcde\n" * 1000, 300, 6250),
    ("path", b"x" * 16000, 300, 900),
    ("command", b"x" * 16000, 300, 6250),
    ("command", b"MAIL FROM:<a@b> SIZE=1\r\n" * 700, 30, 120),
    ("reply", b"250-a\r\n250 b\r\n" * 1100, 30, 120),
    ("fields", b"Subject: a\r\n b\r\n" * 1000, 30, 120),
    ("fields", b"Subject: a\r\n" + b" b\r\n" * 4000, 30, 120),
]


def check_memory():
    for kind, block, some, many in ENDLESS:
        fewer, more = peak_kib(kind, block, some), peak_kib(kind, block, many)
        if more > fewer * 1.25:
            fail(f"{kind}: {fewer} KiB for {some} blocks, {more} KiB for {many}")


sections_read = documented()
check_kinds(sections_read)
check_exact()
check_each_line()
check_unfinished()
check_cuts()
check_at_once()
check_usage()
check_memory()
print("failures:", failures)
sys.exit(failures > 0)
