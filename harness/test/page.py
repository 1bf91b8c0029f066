#!/usr/bin/env python3
"""scenario.page: the HTML report in headless Chromium: what it shows with and without JavaScript, in search, on a
phone, and that it asks nobody for anything. Exit 77: no Chromium.   usage: page.py MAILDRILL SOURCE_FOLDER"""
import os
import re
import shutil
import subprocess
import sys
import tempfile

from checks import check, finish, skip

MAILDRILL, SOURCE = sys.argv[1:3]
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


def browse(page, *options, fragment=""):
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        done = subprocess.run([CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
                               "--user-data-dir=" + profile, *options, "file://" + page + fragment],
                              capture_output=True, timeout=120)
    return done.stdout.decode("utf-8", "replace"), done.stderr.decode("utf-8", "replace")


def rows(dom, shown_only=False):
    found = re.findall(r'<tr class="test"([^>]*)><th>(.*?) <small>', dom, re.S)
    return [title for attributes, title in found if not (shown_only and "hidden" in attributes)]


if CHROMIUM is None:
    skip("no chromium here, so that nobody has looked at the HTML report")

with tempfile.TemporaryDirectory() as work:
    page = os.path.join(work, "report.html")
    subprocess.run([MAILDRILL, "run", "-q", os.path.join(SOURCE, "scenarios/conformance"), "--fault", "rcpt-before-mail", "--without", "SIZE",
                    "-j16", "--timing-scale", "0.1", "--timeout", "5m",
                    "--report", "html=" + page], stdout=subprocess.DEVNULL)
    with open(page, encoding="utf-8") as file:
        text = file.read()
    check("nothing is loaded", not re.search(r"(?i)<(img|link|iframe|object|embed|script\s+src)|@import|url\(", text))
    check("a policy forbids it, too", "default-src 'none'" in text)

    dom, log = browse(page, "--dump-dom", "--enable-logging=stderr")
    check("the script runs without an error", "CONSOLE" not in log or "Uncaught" not in log, log)
    check("every test has a row", len(rows(dom)) == text.count('<tr class="test">') > 20, len(rows(dom)))
    check("the search is there", re.search(r'<input id="search"(?![^>]*hidden)', dom))
    failed = re.findall(r'<details class="test" data-outcome="fail"[^>]* open="">.*?</details>', dom, re.S)
    check("each failure has its dialogue, open", len(failed) == dom.count('<td class="fail"><a') > 0, len(failed))
    outcomes = re.findall(r'<details class="test" data-outcome="([a-z]+)"', dom)
    check("failures come first", outcomes == sorted(outcomes, key=lambda o: o not in ("fail", "error")), outcomes)
    for dialogue in failed:
        check("both sides are there", "<b>C: </b>EHLO" in dialogue and "<b>S: </b>220" in dialogue, dialogue)
        check("of a long reply the first line and the last are shown", re.search(
            r'<b>S: </b>250-mail.example.test\n</span><label class="note"><input type="checkbox"> \d+ lines more\n</label>'
            r'<span class="rest">(<span class="received"><b>S: </b>250-[^<]*</span>)+</span><span class="received"><b>S: </b>250 ', dialogue), dialogue)
        check("one reply is marked", dialogue.count("received differs") == 1, dialogue)
        check("what was expected", re.search(r"expects <code>(S|%)", dialogue), dialogue)
    check("sections are covered", re.search(r'rfc5321#section-4\.1\.4">4\.1\.4</a></th><td><b class="pass">', dom))
    sections = re.findall(r'rfc5321#(?:section|appendix)-[\w.]+">([\w.]+)</a></th>', dom)
    check("sections are in order, appendices behind them", sections and sections[-1][0] == "F" and sections == sorted(
        sections, key=lambda s: [(not n.isdigit(), int(n) if n.isdigit() else n) for n in s.split(".")]), sections)

    found, _ = browse(page, "--dump-dom", fragment="#search=rcpt%20mail%20sequence")
    check("the search hides the rest", 0 < len(rows(found, True)) < len(rows(found)), rows(found, True))
    check("and finds", any("RCPT before MAIL" in title for title in rows(found, True)), rows(found, True))
    check("and unfolds what it finds in", '<details class="fold">' not in found and '<details class="fold"' in found)
    check("and says how much", re.search(r'role="status">\d+ of %d tests<' % len(rows(dom)), found))
    check("a row is found with its dialogue", len(re.findall(r'<details class="test"(?![^>]*hidden)', found)) ==
          len(re.findall(r'<tr class="test">(?:(?!</tr>).)*<a href="#d', found, re.S)))
    folded, _ = browse(page, "--dump-dom", fragment="#search=250-8bitmime")
    shown = re.findall(r'<details class="test"(?![^>]*hidden).*?</details>', folded, re.S)
    check("what is folded in a dialogue is not found", len(shown) < len(failed) and "250-8BITMIME" in text, shown)
    reason, _ = browse(page, "--dump-dom", fragment="#search=needs%20slow%20--slow")
    check("a reason is found, and seen without unfolding", rows(reason, True) and all(
        "--slow" in text for text in re.findall(r'<details class="test"(?![^>]*hidden)[^>]*><summary>(.*?)</summary>', reason)), rows(reason, True))
    none, _ = browse(page, "--dump-dom", fragment="#search=no-such-words")
    check("nothing found, nothing shown", rows(none, True) == [], rows(none, True))

    skipped = re.search(r'<td class="skip"><a href="#(d\d+)"', text)[1]
    there, _ = browse(page, "--dump-dom", fragment="#" + skipped)
    check("a link unfolds its dialogue", re.search(r'<details class="test" data-outcome="skip" open="">'
                                                   r'<summary>[^\n]*</summary>\n<div id="%s">' % skipped, there), skipped)

    # Several servers: how they stand to each other comes first.
    both = os.path.join(work, "both.html")
    servers = [subprocess.Popen([MAILDRILL, "serve", "--listen", "127.0.0.1:0", *options], stdout=subprocess.PIPE, text=True,
                                stderr=subprocess.DEVNULL) for options in ([], ["--fault", "rcpt-before-mail"])]
    ports = [re.search(r"127\.0\.0\.1:(\d+)", server.stdout.readline())[1] for server in servers]
    subprocess.run([MAILDRILL, "compare", "-q", os.path.join(SOURCE, "scenarios/conformance/rfc5321"), "-j8", "--timing-scale",
                    "0.1", "--timeout", "5m", "--rcpt", "rcpt@example.test", "--server", "whole=127.0.0.1:" + ports[0], "--server", "broken=127.0.0.1:" + ports[1],
                    "--report", "html=" + both], stdout=subprocess.DEVNULL)
    for server in servers:
        server.terminate()
        server.wait()
    several, log = browse(both, "--dump-dom", "--enable-logging=stderr")
    check("the script runs there, too", "Uncaught" not in log, log)
    headings = re.findall(r'<h2 id="(\w+)"', several)
    check("the matrix, then what differs, then the rest", headings == ["coverage", "differences", "failures", "tests", "skipped"],
          headings)
    cells = re.search(r'>3\.3</a></th>(.*?)</tr>', several)[1]
    check("a section by servers", re.fullmatch(r'<td><b class="pass">\d+</b></td><td><b class="pass">\d+ pass</b> '
                                               r'(<b class="warn">\d+ warn</b> )?<b class="fail">\d fail</b></td>', cells), cells)
    differing = several[several.index('id="differences"'):several.index('id="failures"')]
    check("what differs has the codes of both", re.search(r'<td class="pass">pass<small class="codes">220 250 503.*?</small></td>'
                                                          r'<td class="fail"><a href="#d\d+">fail</a><small class="codes">220 250 250',
                                                          differing), differing)
    alike = several[several.index('id="tests"'):]
    check("the rest is folded", '<details class="fold"><summary><h2 id="tests">' in several and '<td class="fail"' not in alike, alike)
    check("each test stands in one table", len(rows(differing)) < len(rows(alike)) == len(rows(several)) - len(rows(differing)))

    without = os.path.join(work, "without.html")
    with open(without, "w", encoding="utf-8") as file:
        file.write(text.replace("script-src 'unsafe-inline'", "script-src 'none'"))
    plain, _ = browse(without, "--dump-dom")
    check("without JavaScript all is there but the search", len(rows(plain)) == len(rows(dom)) and
          re.search(r'<input id="search"[^>]*hidden', plain), plain[:3000])

    # The page measures itself: at a phone's width nothing stands out of the window, and colours follow the setting.
    probe = os.path.join(work, "probe.html")
    with open(probe, "w", encoding="utf-8") as file:
        file.write(text.replace("</body>", "<script>document.title='width '+document.documentElement.scrollWidth+' of '+"
                                "innerWidth+' ground '+getComputedStyle(document.body).backgroundColor</script></body>"))
    heading = os.path.join(work, "heading.html")
    with open(heading, "w", encoding="utf-8") as file:
        file.write(text.replace("</body>", "<script>document.title='broken '+[...document.querySelectorAll('thead th')].filter("
                                "cell=>cell.getClientRects().length&&cell.offsetHeight>60).length</script></body>"))
    check("no heading's word is broken", "<title>broken 0</title>" in browse(heading, "--dump-dom")[0])
    narrow, _ = browse(probe, "--dump-dom", "--window-size=500,800")  # the narrowest that headless Chromium has
    width = re.search(r"<title>width (\d+) of (\d+) ground (.*?)</title>", narrow)
    check("it fits a narrow window", width and int(width[1]) <= int(width[2]) <= 500, width)
    dark, _ = browse(probe, "--dump-dom", "--blink-settings=preferredColorScheme=0")
    check("light and dark differ", re.search("ground (rgb.*?)<", dark)[1] != width[3], width)

finish()
