#!/usr/bin/env python3
"""Reads some thousand header values with maildrill and with its peers, and tells the differences.

usage: peers.py MAILDRILL SOURCE [PEERS]

The values are made up, by a fixed seed: what mail programs write, what the obsolete syntax has, and
what goes wrong, one construct a value. Python's email package reads them, and, where PEERS is given,
GMime and libetpan. parsers/README.md has a table of the constructs that not all read alike, and who
reads otherwise, and why. A disagreement that it does not have fails, and so does one of its that
does not occur. Beside the fixed values the environment's PEERS_SEED makes others.

       peers.py --table MAILDRILL SOURCE PEERS

prints the table anew, with what it says of each construct.
"""

import email.headerregistry
import email.policy
import email.utils
import json
import os
import random
import re
import subprocess
import sys

TABLE = "--table" in sys.argv
MAILDRILL, SOURCE, PEERS = ([argument for argument in sys.argv if argument != "--table"] + [None])[1:4]
SEED = int(os.environ.get("PEERS_SEED", "5322"))
PYTHON = (3, 11)  # whose email package the table tells of

# ---- the values ----

# What stands for a name in braces below: one of these, at random.
WORDS = {
    "atom": ["alice", "bob", "carol.king", "j.r.tolkien", "o'neil", "x+tag", "info", "no-reply", "a_b", "sales#1",
             "user%relay", "1234567", "MAILER-DAEMON", "{curly}", "a/b", "=x"],
    "domain": ["example.com", "mail.example.org", "a.b.c.example.net", "localhost", "EXAMPLE.EDU", "192-0-2-1.example"],
    "spec": ["<atom>@<domain>"],
    "word": ["Alice", "Bob", "van", "der", "O'Neil", "3rd", "AT&T", "R&D/HR", "x_y", "Smith-Jones"],
    "name": ["<word>", "<word> <word>", "<word> <word> <word>", '"<word> <word>"', '"<word>, <word>"',
             '"<word> (<word>)"', '"<word>: <word>; <word>"'],
    "mailbox": ["<spec>", "<name> \1<spec>\2", "\1<spec>\2", "<name> \1<spec>\2"],
    "list": ["<mailbox>", "<mailbox>, <mailbox>", "<mailbox>,\r\n <mailbox>, <mailbox>"],
    "weekday": ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"],
    "month": ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"],
    "day": ["1", "9", "02", "08", "10", "15", "28"],
    "year": ["2024", "1999", "2017", "1970", "2038", "1983"],
    "clock": ["00:00:00", "09:55:06", "12:30:59", "23:59:59", "14:36:00"],
    "offset": ["+0000", "+0100", "-0800", "+0530", "-0330", "+1400", "-1200"],
    "date": ["<day> <month> <year>"],
    "left": ["20240101.1234", "CAF=abc+def", "a$b", "1.2.3", "x/y", "0d8f"],
    "right": ["mail.example.com", "localhost", "x.y", "EXAMPLE"],
    "id": ["\1<left>@<right>\2"],
    "text": ["plain", "more text", "a-b", "Re: x"],
    "encoded": ["=?utf-8?q?=C3=BC=C3=B6?=", "=?UTF-8?B?w7zDtg==?=", "=?iso-8859-1?Q?a_b=E9?=", "=?us-ascii?q?x?="],
    "quoted": ["=?utf-8?q?=C3=BC=C3=B6?=", "=?iso-8859-1?Q?a_b=E9?=", "=?us-ascii?q?x?="],
    "type": ["text/plain", "TEXT/HTML", "multipart/mixed", "application/octet-stream", "image/svg+xml"],
    "parameter": ["charset=utf-8", 'charset="us-ascii"', "CHARSET=UTF-8", "format=flowed", 'boundary="----=_Part_1.2"',
                  'name="a b.txt"', 'name="a\\"b"'],
}

# {kind: {construct: values}}. Of the values of "plain", every peer reads each as maildrill does.
CONSTRUCTS = {
    "address": {
        "plain": ["<list>", "<list>", "<list>", "<list>"],
        "group": ["<word>: <mailbox>, <mailbox>;", "<word> <word>:;", "<list>, <word>: <mailbox>;"],
        "comment behind an address": ["<spec> (<word> <word>)", "<spec> (<word>), <list>"],
        "comment in a name": ["<word> (<word>) \1<spec>\2", "<word> \1<spec>\2 (<word>)"],
        "comment in an address": ["\1<atom>(<word>)@<domain>\2", "<word> \1<atom>@(<word>)<domain>\2"],
        "nested comment": ["<spec> (<word> (<word>))"],
        "quoted local part": ['"<word> <word>"@<domain>', '<name> \1"<word>\\"<word>"@<domain>\2'],
        "needless quotes around a local part": ['"alice"@<domain>', '<name> \1"bob"@<domain>\2'],
        "address literal": ["<atom>@[192.0.2.1]", "<name> \1<atom>@[IPv6:2001:db8::1]\2"],
        "encoded words in a name": ["<encoded> \1<spec>\2", "<word> <encoded> \1<spec>\2"],
        "two encoded words in a name": ["<quoted> <encoded> \1<spec>\2"],
        "encoded word in quotes": ['"<encoded>" \1<spec>\2'],
        "encoded word in a comment": ["<spec> (<encoded>)"],
        "comma in an encoded word": ["=?utf-8?Q?Doe,_Jim?= \1<spec>\2"],
        "comment in an encoded word": ["=?utf-8?Q?Doe_(x)?= \1<spec>\2"],
        "UTF-8": ["\u00c5sa <word> \1<spec>\2", "\u738b \1<spec>\2", "<word> \1j\u00f6rg@<domain>\2"],
        "source route": ["\1@<domain>:<spec>\2", "<name> \1@<domain>,@<domain>:<spec>\2"],
        "periods in a name": ["J. <word> \1<spec>\2", "<word> J. <word> \1<spec>\2"],
        "spaces in an address": ["<atom> @ <domain>", "\1 <spec> \2", "a . b@<domain>"],
        "empty elements": ["<spec>,, <spec>", ", <spec>", "<mailbox>,"],
        "semicolons between": ["<spec>; <spec>", "<mailbox>; <mailbox>"],
        "no separator": ["\1<spec>\2 \1<spec>\2", "<spec> <spec>"],
        "no brackets": ["<word> <spec>", "<word> <word> <spec>"],
        "bracket not closed": ["<word> \1<spec>", "\1<spec>"],
        "no domain": ["alice", "<word> \1bob\2", "root, <spec>"],
        "no local part": ["@<domain>", "\1@<domain>\2"],
        "null address": ["\1\2", "<word> \1\2"],
        "dots out of place": ["a..b@<domain>", ".a@<domain>", "<word> \1a.@<domain>\2"],
        "address in quotes before an address": ['"<spec>" \1<spec>\2'],
        "address as a name": ["<spec> \1<spec>\2"],
        "comma in a name": ["Doe, <word> \1<spec>\2"],
        "group not closed": ["<word>: <spec>, <spec>"],
        "quote not closed": ['"<word> \1<spec>\2'],
        "comment not closed": ["<spec> (<word>"],
        "words alone": ["<word> <word>"],
        "control octet": ["<word>\x07<word> \1<spec>\2"],
        "A-label in a domain": ["<atom>@xn--bcher-kva.example"],
    },
    "date": {
        "plain": ["<weekday>, <date> <clock> <offset>"] * 3 + ["<date> <clock> <offset>"],
        "comment behind": ["<weekday>, <date> <clock> <offset> (CET)", "<date> <clock> <offset> (x (y))"],
        "folds": ["<weekday>,\r\n <date>\r\n <clock> <offset>"],
        "no seconds": ["<date> 09:55 <offset>"],
        "any case": ["mon, 5 JUN <year> <clock> <offset>"],
        "zone unknown": ["<date> <clock> -0000"],
        "GMT and UT": ["<date> <clock> GMT", "<weekday>, <date> <clock> UT"],
        "North American zone": ["<date> <clock> EST", "<date> <clock> PDT", "<date> <clock> CDT"],
        "military zone": ["<date> <clock> A", "<date> <clock> Y"],
        "Z": ["<date> <clock> Z"],
        "UTC": ["<date> <clock> UTC"],
        "other zone name": ["<date> <clock> CET", "<date> <clock> JST", "<date> <clock> BST"],
        "zone that nobody knows": ["<date> <clock> XYZ"],
        "zone in quotes": ['<date> <clock> "GMT"'],
        "zone with a colon": ["<date> <clock> +01:00", "<date> <clock> -08:00"],
        "zone of three digits": ["<date> <clock> +100"],
        "GMT and an offset": ["<date> <clock> GMT+2", "<date> <clock> GMT-0400"],
        "number and name": ["<date> <clock> +0200 CEST", "<date> <clock> +0000 GMT"],
        "name and number": ["<date> <clock> EST -0500"],
        "no zone": ["<weekday>, <date> <clock>"],
        "no space before the zone": ["<date> <clock><offset>"],
        "year of two digits": ["<day> <month> 24 <clock> <offset>", "<day> <month> 99 <clock> <offset>"],
        "year of 50 to 68": ["<day> <month> 50 <clock> <offset>", "<day> <month> 68 <clock> <offset>"],
        "year of three digits": ["<day> <month> 104 <clock> <offset>"],
        "wrong name of a day": ["Fry, <date> <clock> <offset>", "lun., <date> <clock> <offset>"],
        "whole names": ["Monday, 5 June <year> <clock> <offset>", "5 September <year> <clock> <offset>"],
        "comments inside": ["<weekday> (x), <date> <clock> <offset>", "<day> (x) <month> <year> <clock> <offset>"],
        "spaces in the time": ["<date> 09 : 55 : 06 <offset>"],
        "dots in the time": ["<date> 09.55.06 <offset>"],
        "one digit in the time": ["<date> 9:55:06 <offset>", "<date> 9:5:6 <offset>"],
        "PM": ["<date> 09:55:06 PM <offset>"],
        "fraction of a second": ["<date> 09:55:06.123 <offset>"],
        "leap second": ["<date> 23:59:60 <offset>"],
        "hour of 24": ["<date> 24:00:00 <offset>"],
        "day that the month has not": ["31 Feb <year> <clock> <offset>", "31 Apr <year> <clock> <offset>"],
        "asctime": ["<weekday> <month> <day> <clock> <year>", "<weekday> <month> <day> <clock> GMT <year>"],
        "dashes": ["<weekday>, <day>-<month>-<year> <clock> <offset>"],
        "month first": ["<weekday>, <month> <day>, <year> <clock> <offset>"],
        "no comma": ["<weekday> <date> <clock> <offset>"],
        "ISO 8601": ["2024-06-07T<clock>Z", "2024-06-07 <clock>"],
        "numbers for months": ["13/6/2024 <clock> <offset>", "7-6-2024 <clock>"],
        "no date": ["today", "<word> <word>", "0"],
        "text before a semicolon": ["from a by b; <weekday>, <date> <clock> <offset>"],
    },
    "msgid": {
        "plain": ["<id>", "<id> <id>", "<id>\r\n <id>\r\n\t<id>"],
        "no space between": ["<id><id>"],
        "commas between": ["<id>,<id>", "<id>, <id>"],
        "comment between": ["<id> (<word>) <id>"],
        "words between": ["<id> <word> <id>", "<word> <id>"],
        "domain literal": ["\1<left>@[192.0.2.1]\2"],
        "quoted left side": ['\1"<left>"@<right>\2', '\1"<word> <word>"@<right>\2'],
        "spaces inside": ["\1<left> @ <right>\2", "\1 <left>@<right> \2"],
        "comment inside": ["\1<left>(<word>)@<right>\2"],
        "two at signs": ["\1<left>@<right>@<right>\2"],
        "no at sign": ["\1<left>\2", "\1<left>\2 <id>"],
        "nothing inside": ["\1\2", "\1@\2"],
        "dots out of place": ["\1a..b@<right>\2", "\1<left>@x.\2"],
        "no brackets": ["<left>@<right>"],
        "bracket not closed": ["\1<left>@<right>", "\1<left>@<right> <id>"],
        "bracket inside": ["\1\1<left>@<right>\2\2"],
        "UTF-8": ["\1\u00e4@<right>\2"],
    },
    "encoded-word": {
        "plain": ["<text>", "<encoded>", "<text> <encoded>", "<encoded> <text>", "<quoted> <encoded>", "<quoted>\r\n <quoted>"],
        "two words of base64": ["=?utf-8?B?w7zDtg==?= =?utf-8?B?w7zDtg==?="],
        "language": ["=?utf-8*en?q?x?="],
        "no space beside it": ["<text><encoded>", "<encoded>x", "<quoted><quoted>", "(<encoded>)"],
        "two spaces between": ["<text>  <encoded>", "<encoded>  <text>"],
        "a character in two words": ["=?utf-8?q?=C3?= =?utf-8?q?=BC?=", "=?utf-8?b?ww==?= =?utf-8?b?vA==?="],
        "space inside": ["=?utf-8?q?two words?=", "<text> =?utf-8?q?two words?= <text>"],
        "question mark inside": ["=?utf-8?q?a?b?="],
        "no padding": ["=?utf-8?b?w7w?=", "=?utf-8?b?YQ?="],
        "octets that base64 has not": ["=?utf-8?b?w7!w=?=", "=?utf-8?b?w7 w=?="],
        "bad digits": ["=?utf-8?q?a=ZZ?=", "=?utf-8?q?a=4?="],
        "nothing inside": ["=?utf-8?q??=", "<text> =?utf-8?q??= <text>"],
        "unknown encoding": ["=?utf-8?x?abc?="],
        "not closed": ["=?utf-8?q?open", "<text> =?utf-8?q?open <text>"],
        "other charsets": ["=?koi8-r?b?8NLJ18XU?=", "=?iso-2022-jp?B?GyRCRnxLXBsoQg==?=", "=?windows-1252?q?=80?="],
        "unknown charset": ["=?no-such?q?x=41?="],
        "octets that are not of the charset": ["=?utf-8?q?=FF?=", "=?us-ascii?q?=E9?="],
        "UTF-8": ["\u00fc <text>", "\u738b <encoded>"],
        "pieces of the syntax": ["=?=", "<text> ?= <text>", "=20 <text>", "=?q?x?="],
    },
    "content-type": {
        "plain": ["<type>", "<type>; <parameter>", "<type>;\r\n <parameter>", "<type>;<parameter>; x=y"],
        "spaces": ["<type> ; <parameter>", "<type>; charset = utf-8"],
        "comments": ["<type> (<word>); <parameter>", "<type>; charset=utf-8 (<word>)"],
        "extended value": ["<type>; name*=utf-8''%C3%BC.txt", "<type>; name*=iso-8859-1'en'%FC"],
        "sections": ["<type>; name*0=a; name*1=b", '<type>; name*0="a b"; name*1="c d"'],
        "sections out of order": ["<type>; name*1=b; name*0=a"],
        "extended sections": ["<type>; name*0*=utf-8''%C3%BC; name*1=x", "<type>; name*0*=utf-8''%C3; name*1*=%BC"],
        "missing section": ["<type>; name*0=a; name*2=c"],
        "extended value without charset": ["<type>; name*=plain"],
        "bad digits": ["<type>; name*=utf-8''%ZZ"],
        "both forms": ["<type>; name=a; name*=utf-8''b"],
        "encoded word": ['<type>; name="=?utf-8?q?=C3=BC.txt?="'],
        "UTF-8": ['<type>; name="\u00fc.txt"'],
        "UTF-8 without quotes": ["<type>; name=\u00fc.txt"],
        "value with spaces": ["<type>; name=a b.txt", "<type>; name=a b.txt; x=y"],
        "value with specials": ["<type>; boundary==_x", "<type>; boundary=a:b", "<type>; boundary=a/b"],
        "empty value": ["<type>; name=", "<type>; name=; x=y"],
        "empty quotes": ['<type>; name=""'],
        "no value": ["<type>; name", "<type>; name; x=y"],
        "no attribute": ["<type>; =x"],
        "twice": ["<type>; name=a; name=b"],
        "empty elements": ["<type>;", "<type>;; x=y", "<type>; x=y;"],
        "no semicolon": ["<type> <parameter>", "<type>; x=y <parameter>"],
        "quote not closed": ['<type>; name="open'],
        "backslash": ['<type>; name="C:\\\\dir\\\\f"', '<type>; name="C:\\dir"'],
        "no subtype": ["text", "text; <parameter>", "text/"],
        "two subtypes": ["x/y/z"],
        "nothing": ["", ";"],
    },
}

VALUES_EACH = 32  # of a construct; of "plain" ten times as many


class Maker:
    """Random choices that are the same with every version of Python."""

    def __init__(self, seed):
        self.random = random.Random(seed)

    def one(self, choices):
        return choices[int(self.random.random() * len(choices))]

    def fill(self, text):
        while (found := re.search(r"<([a-z]+)>", text)) and found.group(1) in WORDS:
            text = text[:found.start()] + self.one(WORDS[found.group(1)]) + text[found.end():]
        return text.replace("\1", "<").replace("\2", ">")

    def values(self, kind, construct):
        count = VALUES_EACH * (10 if construct == "plain" else 1)
        return sorted({self.fill(self.one(CONSTRUCTS[kind][construct])) for _ in range(count)})


# ---- how each reads ----


def maildrill(kind, values):
    """One value a line: folds are unfolded, since a line is what ends a value."""
    lines = b"".join(value.encode().replace(b"\r\n", b"") + b"\n" for value in values)
    out = subprocess.run([MAILDRILL, "parse", kind, "--each-line"], input=lines, capture_output=True, check=True).stdout
    return [ours(kind, json.loads(line)) for line in out.decode().splitlines()]


def ours(kind, read):
    if kind == "address":
        return [[a["group"], a["display_name"], a["addr_spec"]] for a in read["addresses"]]
    if read["status"] != "ok":
        return [] if kind == "msgid" else None
    if kind == "date":
        return read["timestamp"]
    if kind == "msgid":
        return [(m["canonical"] or m["raw"]).strip("<>") for m in read["msg_ids"]]
    if kind == "encoded-word":
        return read["text"]
    params = {}
    for param in read["parameters"]:
        params.setdefault(param["attribute"].lower(), param["value"])
    return [f"{read['type']}/{read['subtype']}".lower(), params]


def python(kind, value):
    value = value.replace("\r\n", "")
    make = email.policy.default.header_factory
    try:
        if kind == "address":
            header = make("To", value)
            return [[group.display_name, a.display_name or None, a.addr_spec or None] for group in header.groups
                    for a in group.addresses]
        if kind == "date":
            read = email.utils.parsedate_tz(value)
            return email.utils.mktime_tz(read[:9] + (read[9] or 0,)) if read else None
        if kind == "encoded-word":
            return str(make("Subject", value))
        if kind == "content-type":
            header = make("Content-Type", value)
            return [header.content_type, dict(header.params)]
    except Exception as error:  # pylint: disable=broad-except
        return f"raises {type(error).__name__}"
    return "none"


def peers(kind, values):
    """Of each value what GMime and libetpan read."""
    lines = "".join(f"{kind} {value.replace(chr(13) + chr(10), '').encode().hex()}\n" for value in values)
    out = subprocess.run([PEERS], input=lines.encode(), capture_output=True, check=True).stdout
    return [json.loads(line) for line in out.decode().splitlines()]


def agree(kind, peer, mine, other):
    """Whether both say the same: an empty value says as little as none."""
    if kind == "encoded-word":
        return (mine or None) == other
    if kind == "content-type" and mine is not None and isinstance(other, list):
        mine = [mine[0].split("/")[-1] if peer == "libetpan" else mine[0], {n: v or None for n, v in mine[1].items()}]
        other = [other[0] and other[0].lower(), {n: v or None for n, v in other[1].items()}]
    return mine == other


# ---- the table ----


def cell(value):
    """A value as it stands in the table."""
    shown = json.dumps(value, ensure_ascii=False)[1:-1].replace('\\"', '"').replace("\\\\", "\\")
    return f"`` {shown} ``".replace("|", "\\|") if shown else "(nothing)"


def told():
    """{(kind, construct): (example, who reads otherwise, why)} of the table in the README."""
    rows = {}
    with open(SOURCE + "/parsers/README.md", encoding="utf-8") as readme:
        section = readme.read().partition("## Where other parsers read otherwise")[2].partition("\n## ")[0]
    for line in section.splitlines():
        cells = re.split(r"(?<!\\)\|", line)
        if len(cells) == 7 and cells[1].strip(" `-") not in ("", "kind"):
            kind, construct, example, who, why = (text.strip() for text in cells[1:6])
            rows[(kind.strip("`"), construct)] = (example, who, why)
    return rows


def differences():
    """Of each construct: (kind, construct, its values, {peer: the first value that it reads otherwise})."""
    maker = Maker(SEED)
    for kind, constructs in CONSTRUCTS.items():
        for construct in constructs:
            values = maker.values(kind, construct)
            mine = maildrill(kind, values)
            others = {}
            if sys.version_info[:2] == PYTHON and kind != "msgid":  # its email package has no parser of References
                others["Python"] = [python(kind, value) for value in values]
            if PEERS:
                both = peers(kind, values)
                others["GMime"] = [read["gmime"] for read in both]
                others["libetpan"] = [read["libetpan"] for read in both]
            yield kind, construct, values, {
                peer: next((trio for trio in zip(values, mine, read) if not agree(kind, peer, *trio[1:])), None)
                for peer, read in others.items()}


def main():
    rows, failures, count, compared = told(), 0, 0, set()
    for kind, construct, values, found in differences():
        count += len(values)
        compared |= set(found)
        example, listed, why = rows.pop((kind, construct), ("", "", ""))
        who = [peer for peer in found if found[peer] is not None]
        if TABLE and who:
            shown = cell(next(found[peer][0] for peer in who))
            print(f"| `{kind}` | {construct} | {shown} | {', '.join(who)} | {why or '?'} |")
            continue
        for peer in found:
            if (peer in who) == (peer in listed.split(", ")):
                continue
            failures += 1
            print(f"{kind}, {construct}: the table {'does not say' if peer in who else 'says'} that {peer} reads it otherwise")
            if peer in who:
                print("  value: {!r}\n  maildrill: {}\n  {peer}: {}".format(*found[peer], peer=peer))
        if listed and why in ("", "?"):
            failures += 1
            print(f"{kind}, {construct}: the table does not say why")
    for row in rows:
        failures += 1
        print(f"{row}: the table has a construct that this program has not")
    if TABLE:
        return 0
    print(f"{count} values, read by {', '.join(sorted(compared)) or 'nobody else'}: {failures} failures")
    return 1 if failures else 0 if compared else 77


sys.exit(main())
