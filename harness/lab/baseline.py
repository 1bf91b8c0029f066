"""A server's baseline: what is known to deviate, each with what was seen, the section and the clause.

    id | verdict | reason            (as maildrill --baseline reads it)

`lab check --update` keeps the lines that still hold, drops those that do not, and adds what is new with a reason
made of the dialogue. Such a reason is a draft: who adds it reads the clause first, and mends the check where that
is what is wrong.
"""
import re

HEAD = "# What is known to deviate: id | verdict | reason and clause. `lab check` fails for any other deviation.\n"
LINE = re.compile(r"\s*(\S+)\s*\|\s*(fail|warn|error)\s*\|\s*(.+?)\s*$")


def read(path):
    """id -> (verdict, reason), and the comments at the top of the file."""
    entries, comments = {}, []
    try:
        with open(path, encoding="utf-8") as file:
            for line in file:
                found = LINE.match(line)
                if found and not line.startswith("#"):
                    entries[found.group(1)] = found.group(2), found.group(3)
                elif line.startswith("#"):
                    comments.append(line)
    except FileNotFoundError:
        pass
    return entries, comments or [HEAD]


def text_of(member):
    """A member of an event: text, or octets that are no text."""
    return bytes.fromhex(member["hex"]).decode("latin-1") if isinstance(member, dict) else member or ""


def shown(text, most):
    """In one line of printable ASCII, with neither bars nor what is new in each run."""
    text = text.replace("\r", "").split("\n")[0] if "\n" in text.strip() else text.strip()
    text = "".join(c if " " <= c <= "~" else "\\x%02x" % ord(c) for c in text).replace("|", "/")
    text = re.sub(r"\b[0-9a-f]{7,}x[0-9a-f]+\b", "TOKEN", text)
    text = re.sub(r"^334 \S+$", "334 (a challenge)", text)
    return text if len(text) <= most else text[:most].rstrip() + "..."


def reason_for(result):
    """What was seen, and the clause."""
    differences = [event for event in result["events"] if event["event"] == "differed"]
    event = next((e for e in differences if e.get("makes") == result["verdict"]), differences[-1] if differences else {})
    got, sent = shown(text_of(event.get("text")), 70), shown(text_of(event.get("sent")), 60)
    seen = '"%s"' % got if re.match(r"\d\d\d", got) else got or event.get("fault") or result["message"]
    if event.get("fault") and "arrived" in event["fault"]:
        seen = "%s: %s" % (event["fault"], seen)
    if sent:
        seen += ' to "%s"' % sent
    section = "RFC " + result["rfc"] + (" " + result["section"] if result.get("section") else "")
    return "%s; %s: %s" % (seen, section, shown(result["title"], 200))


def update(path, results):
    """Rewrites the file from a run without a baseline; says what changed."""
    entries, comments = read(path)
    kept, added = [], 0
    for result in results:
        if result["verdict"] not in ("fail", "warn", "error"):
            continue
        verdict, reason = entries.get(result["id"], (None, None))
        if verdict != result["verdict"]:
            reason, added = reason_for(result), added + 1
        kept.append((result["id"], result["verdict"], reason))
    gone = len(set(entries) - {row[0] for row in kept})
    width = max([len(row[0]) for row in kept] or [0])
    with open(path, "w", encoding="utf-8") as file:
        file.writelines(comments)
        file.writelines("%-*s | %-5s | %s\n" % (width, *row) for row in kept)
    return "%s: %d lines, %d of them new, %d dropped" % (path, len(kept), added, gone)
