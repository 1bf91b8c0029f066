#!/usr/bin/env python3
"""scenario.fuzz: maildrill fuzz against servers of its own: the reference server with a clause broken and without, servers
that die, and what people do with a campaign. campaign.fuzz: the parts that play some thousand dialogues.
usage: fuzz.py MAILDRILL short | long"""
import base64
import concurrent.futures
import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time

from checks import check, finish, free_port, skip

MAILDRILL = os.path.abspath(sys.argv[1])
DEADLINE = 240

# Dies at RSET inside a transaction; "reports": goes on, and says what a sanitizer would; "rests": closes, and greets nobody
# for a while; "hoards": keeps 4 MiB; "hangs": for ever; "aborts": as
# "reports", and dies, at NOOP too.
MORTAL = '''
import os, socket, sys, time
listener = socket.create_server(("127.0.0.1", int(sys.argv[1])))
kept = []
def serve(sock):
    mail = False
    sock.sendall(b"220 mortal\\r\\n")
    for line in sock.makefile("rb"):
        verb = line[:4].upper()
        if (verb == b"RSET" or verb == b"NOOP" and sys.argv[2:] == ["aborts"]) and mail:
            if sys.argv[2:] == ["rests"]:
                sock.shutdown(socket.SHUT_RDWR)
                time.sleep(2.5)
                break
            if sys.argv[2:] == ["hangs"]:
                time.sleep(3600)
            if sys.argv[2:] == ["hoards"]:
                kept.append(b"x" * (4 << 20))
            elif sys.argv[2:] not in (["reports"], ["aborts"]):
                os._exit(1)
            else:
                print("==1==ERROR: AddressSanitizer: heap-buffer-overflow\\n    #0 0x1a in __interceptor_strcpy (/server+0x1a)\\n"
                      "    #1 0x2b in take_name /src/server.c:10:3\\n    #2 0x3c in main /src/main.c:7", file=sys.stderr, flush=True)
                if sys.argv[2:] == ["aborts"]:
                    os._exit(1)
        mail = verb == b"MAIL" and line != b"MAIL FROM:<>\\r\\n" or mail and verb != b"RSET"
        sock.sendall(b"221 bye\\r\\n" if verb == b"QUIT" else b"250 ok\\r\\n" if verb in (b"EHLO", b"MAIL", b"RSET") else b"500 what\\r\\n")
        if verb == b"QUIT":
            break
while True:
    sock, _ = listener.accept()
    try:
        with sock:
            serve(sock)
    except OSError:
        pass
'''

# Runs in TLS what came behind STARTTLS in plain text, and says nothing more to one who leaves.
ASYNC = '''
import asyncio, ssl, sys
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain("async.pem", "async.key")
async def serve(reader, writer):
    writer.write(b"220 async\\r\\n")
    while line := await reader.readline():
        writer.write(b"220 go\\r\\n" if line[:8].upper() == b"STARTTLS" else b"250 ok\\r\\n")
        await writer.drain()
        if line[:8].upper() == b"STARTTLS":
            await writer.start_tls(context)
async def main():
    async with await asyncio.start_server(serve, "127.0.0.1", int(sys.argv[1])) as server:
        await server.serve_forever()
asyncio.run(main())
'''


def maildrill(*arguments):
    done = subprocess.run([MAILDRILL, *arguments], capture_output=True, timeout=DEADLINE, stdin=subprocess.DEVNULL, cwd=WORK)
    return done.returncode, (done.stdout + done.stderr).decode()


def fuzz(out, command, *options, port=None):
    port = port or free_port()
    return maildrill("fuzz", "--server", f"smtp://127.0.0.1:{port}", "--exec", command.replace("PORT", str(port)), "--out", out,
                     "--rcpt", "bob@example.test", "--jobs", "1", *options)


def reference(fault=None):
    return f"{MAILDRILL} serve --listen 127.0.0.1:PORT" + (f" --fault {fault}" if fault else "")


def names(out, folder="findings"):
    return sorted(os.listdir(os.path.join(WORK, out, folder)))


def broken():
    """What is found fails in run with the clause broken, passes without, and is in the corpus's form, too."""
    code, shown = fuzz("broken", reference("rset-keeps"), "--runs", "4000")
    key = "rcpt-without-mail-rcpt-after-RSET"
    check("a broken clause is found: 1", code == 1 and key + ".smtp" in names("broken"), shown)
    path = os.path.join(WORK, "broken/findings", key)
    if not os.path.exists(path + ".smtp"):
        return
    with open(path + ".smtp", encoding="utf-8") as file:
        script = file.read()
    check("it says what it is", "RFC 5321 4.1.4" in script and "severity: medium" in script and "rfc=5321#4.1.4" in script, script)
    check("and is as short as can be", len(re.findall("^C: ", script, re.M)) == 4, script)
    with open(os.path.join(WORK, "broken", "campaign.json"), encoding="utf-8") as file:
        found = [f for f in json.load(file)["findings"] if f["file"] == f"findings/{key}.smtp"]
    check("the record has it, the decisive reply marked", len(found) == 1 and found[0]["script"] == script
          and [line["text"][:3] for line in found[0]["dialogue"] if line.get("decisive")] == ["250"], found)
    check("run fails it", maildrill("run", path + ".smtp", "--fault", "rset-keeps")[0] == 1)
    check("and passes where nothing is broken", maildrill("run", path + ".smtp")[0] == 0)
    # back: its octets are a seed, and so is the script
    for seed in (path + ".octets", path + ".smtp"):
        code, shown = fuzz("back" + seed[-4:], reference("rset-keeps"), "--runs", "1", "--seeds", seed)
        check(f"{seed[-7:]} is a seed that shows it again", code == 1 and names("back" + seed[-4:])[0].startswith(key), shown)


def habits():
    """What is wrong with every reply is found, and hides nothing."""
    code, shown = fuzz("habits", reference("reply-control") + " --fault rset-keeps", "--runs", "8000")
    check("behind a habit of the server's, a fault is found", code == 1 and "rcpt-without-mail-rcpt-after-RSET.smtp" in names("habits")
          and any(name.startswith("reply-control-") for name in names("habits")), shown)


def record():
    """What a campaign leaves for people: as its schema says, complete, and without the password."""
    secret = "quite-hidden-67"
    code, shown = fuzz("record", reference("rset-keeps") + f" --user tester --pass {secret}", "--runs", "3000", "--user", "tester",
                       "--pass", secret, "--set", "token=" + secret[::-1], "--quiet")
    texts = {}
    for name in ("campaign.json", "campaign.html", "states.svg"):
        path = os.path.join(WORK, "record", name)
        check(f"{name} is there", os.path.exists(path), shown)
        with open(path, encoding="utf-8") as file:
            texts[name] = file.read()
        hidden = [secret, secret[::-1]] + [base64.b64encode(b"\0" * shift + secret.encode())[-(shift > 0) * 12 or None:][:8].decode()
                                           for shift in range(1)] + [base64.b64encode(b"\0tester\0" + secret.encode()).decode()[12:24]]
        check(f"no password in {name}", not any(text in texts[name] for text in hidden), hidden)
    import jsonschema
    campaign = json.loads(texts["campaign.json"])
    with open(os.path.join(os.path.dirname(__file__), "../report/campaign-1.schema.json"), encoding="utf-8") as file:
        wrong = [error.message for error in jsonschema.Draft7Validator(json.load(file)).iter_errors(campaign)]
    check("the JSON is as its schema says", wrong == [], wrong)
    check("it has what there was", campaign["dialogues"] == 3000 and len(campaign["states"]) == campaign["state_count"] > 8
          and len(campaign["transitions"]) == campaign["transition_count"] > 100, shown)
    check("every session began with a greeting", campaign["states"][0]["visits"] >= 3000, campaign["states"][0])
    check("what was not tried is said", any("STARTTLS" in row["what"] for row in campaign["not_tried"]), campaign["not_tried"])
    check("the page loads nothing", not re.search(r"(?i)<(img|link|iframe|object|embed|script)|@import|url\((?!#)", texts["campaign.html"]))
    # a later run goes on with it
    fuzz("record", reference("rset-keeps"), "--runs", "500", "--quiet")
    with open(os.path.join(WORK, "record", "campaign.json"), encoding="utf-8") as file:
        later = json.load(file)
    check("a later run goes on with it", later["runs"] == 2 and later["dialogues"] == 3500 and later["started"] == campaign["started"]
          and later["transition_count"] >= campaign["transition_count"] and later["seconds"] > campaign["seconds"]
          and len(later["findings"]) >= len(campaign["findings"]), {k: v for k, v in later.items() if not isinstance(v, list)})


def holding(out, texts):
    """The files of a campaign that hold one of the texts."""
    held = []
    for folder, _, files in os.walk(os.path.join(WORK, out)):
        for name in files:
            with open(os.path.join(folder, name), "rb") as file:
                held += [name] if any(text in file.read() for text in texts) else []
    return held


def behind_auth():
    """With an account, what is behind AUTH is come to, under TLS and where MAIL is for those it knows; nothing tells the password."""
    secret = "quite-hidden-67"
    account = ("--user", "tester", "--pass", secret)
    serve = reference("auth-twice") + " " + " ".join(account)
    code, shown = fuzz("known", serve, *account, "--runs", "2000", "--starttls")
    with open(os.path.join(WORK, "known/campaign.json"), encoding="utf-8") as file:
        check("dialogues authenticate", any(row["code"] == 235 for row in json.load(file)["transitions"]), shown)
    with open(os.path.join(WORK, "account.smtp"), "w", encoding="utf-8") as file:
        file.write("S: 220\nC: EHLO a\nS: 250\nC: STARTTLS\nS: 220\n%tls\nC: EHLO a\nS: 250\n"
                   "C: AUTH PLAIN ${b64:\\0${user}\\0${pass}}\nS: 235\nC: AUTH PLAIN\nS: 503\n")
    code, shown = fuzz("account", serve, *account, "--runs", "1", "--seeds", "account.smtp")
    path = os.path.join(WORK, "account/findings/auth-twice-auth.smtp")
    check("a fault behind AUTH is found", code == 1 and os.path.exists(path), shown)
    if os.path.exists(path):
        with open(path, encoding="utf-8") as file:
            script = file.read()
        check("its script has variables for what is secret", re.search(r"^C: .*\$\{b64:.*\$\{pass\}\}$", script, re.M), script)
        check("run fails it", maildrill("run", path, "--fault", "auth-twice", *account)[0] == 1)
        check("and passes where nothing is broken", maildrill("run", path, *account)[0] == 0)
        code, shown = fuzz("account-back", serve, *account, "--runs", "1", "--seeds", path)
        check("it is a seed that shows it again", code == 1 and "auth-twice-auth.smtp" in names("account-back"), shown)
    encoded = [base64.b64encode(b"\0" * shift + secret.encode())[4 * (shift > 0):16] for shift in range(3)]
    check("the password is in no file of it", holding("known", [secret.encode(), *encoded]) == [] and holding("account", [secret.encode(), *encoded]) == []
          and holding("account-back", [secret.encode(), *encoded]) == [], holding("account", [secret.encode(), *encoded]))
    # RFC 4954 6: 530 before AUTH
    code, shown = fuzz("submits", reference("lf-dot-lf") + " --mode submission " + " ".join(account), *account, "--runs", "60",
                       "--starttls", "--seed", "3")
    check("a campaign opens behind AUTH where that is required", any("dot-lf" in name for name in names("submits")), shown)


def plain_progress():
    code, shown = fuzz("plain", reference(), "--runs", "40", "--rate", "3")
    check("a line every ten seconds where there is no terminal", re.search(r"^1\d s: \d+ dialogues, \d+/s; 0 findings; ", shown, re.M)
          and "\x1b" not in shown and "\r" not in shown, shown)


def differential():
    """Two servers, one of them with a clause broken: what they disagree on, and nothing where they are the same."""
    ports = [free_port() for _ in range(3)]
    servers = [subprocess.Popen(reference(fault).replace("PORT", str(port)).split(), stdout=subprocess.DEVNULL)
               for port, fault in zip(ports, (None, "rset-keeps", None))]
    try:
        for port in ports:
            until = time.monotonic() + DEADLINE
            while socket.socket().connect_ex(("127.0.0.1", port)) != 0 and time.monotonic() < until:
                time.sleep(0.05)
        names_of = [f"--server={name}=smtp://127.0.0.1:{port}" for name, port in zip(("sound", "broken", "twin"), ports)]
        common = ("--differential", "--rcpt", "bob@example.test", "--quiet")
        code, shown = maildrill("fuzz", *common, *names_of[:2], "--out", "differ", "--runs", "300")
        key = "state-rcpt-after-rset"
        check("what two servers disagree on is found: 1", code == 1 and key + ".smtp" in names("differ"), shown)
        check("and nothing else", all(re.search("-after-(rset|odd-octets)", name) for name in names("differ")), names("differ"))
        path = os.path.join(WORK, "differ", "findings", key + ".smtp")
        if os.path.exists(path):
            with open(path, encoding="utf-8") as file:
                script = file.read()
            check("the script says what each answered", re.search(r"^# sound: 503", script, re.M) and re.search(r"^# broken: 250", script, re.M), script)
            code, shown = maildrill("compare", path, *names_of[:2])
            check("compare shows it again", code == 1 and "differ" in shown, shown)
            code, shown = maildrill("compare", path, names_of[0], names_of[2])
            check("and where nothing is broken, nothing", code == 0, shown)
            with open(os.path.join(WORK, "differ", "campaign.json"), encoding="utf-8") as file:
                found = [f for f in json.load(file)["findings"] if f["file"].endswith(key + ".smtp")]
            decisive = [(line["by"], line["text"][:3]) for line in found[0]["dialogue"] if line.get("decisive")]
            check("and the record", decisive == [("sound", "503"), ("broken", "250")], found)
        code, shown = maildrill("fuzz", *common, names_of[0], names_of[2], "--out", "alike", "--runs", "300")
        check("one server twice: nothing: 0", code == 0 and names("alike") == [] and names("alike", "unconfirmed") == [], shown)
        code, shown = maildrill("fuzz", *common, *names_of, "--out", "three", "--runs", "100")
        check("three servers: the third is not blamed", all("twin" not in open(os.path.join(WORK, "three/findings", name), encoding="utf-8").read()
                                                           for name in names("three") if name.endswith(".smtp")), names("three"))
        code, shown = maildrill("fuzz", "--differential", names_of[0])
        check("one server: 2", code == 2 and "at least twice" in shown, shown)
        code, shown = maildrill("fuzz", *common[:1], *names_of[:2], "--rcpt", "nosuch@example.test", "--out", "nobody")
        check("a mailbox that they do not take: 4", code == 4 and "--rcpt" in shown, shown)
    finally:
        for server in servers:
            server.terminate()
            server.wait()


def sound():
    code, shown = fuzz("sound", reference(), "--runs", "4000", "--jobs", "2", "--quiet")
    check("nothing is found where nothing is wrong: 0", code == 0 and names("sound") == [], shown)
    check("what was sent is in a log of each worker", all(os.path.getsize(os.path.join(WORK, "sound", f"sent-{i}.log")) > 1000
                                                           for i in (0, 1)))
    inputs = len(names("sound", "corpus"))
    check("inputs that were answered in a new way are kept", inputs > 50, inputs)
    with open(os.path.join(WORK, "chunk.seed"), "wb") as file:
        file.write(b"EHLO a\r\nBDAT 3\r\nabcSTARTTLS\r\nX\r\n")
    code, shown = fuzz("chunk", reference(), "--runs", "3", "--seeds", "chunk.seed")
    check("STARTTLS behind a chunk's octets is one", code == 0, shown)
    code, shown = fuzz("blind", reference(), "--runs", "2000", "--blind")
    check("blind, none are but those it begins with", code == 0 and len(names("blind", "corpus")) < 16, shown)


def under_tls():
    """Around STARTTLS, behind it, and over TLS from the first octet: what is found fails in run, and only where it is broken."""
    kept = b"EHLO a\r\nMAIL FROM:<a@b>\r\nRSET\r\nRCPT TO:<bob@example.test>\r\n"
    rows = [("tls-keeps-input", b"EHLO a\r\nSTARTTLS\r\nNOOP\r\n\x16", (), "smtp", "starttls-injection-starttls"),
            ("rset-keeps", kept, ("--starttls",), "smtp", "rcpt-without-mail-rcpt-after-RSET"),
            ("rset-keeps", kept, (), "smtps", "rcpt-without-mail-rcpt-after-RSET")]
    for number, (fault, seed, options, scheme, key) in enumerate(rows):
        out, port, tls = f"tls-{number}", free_port(), ("--tls",) if scheme == "smtps" else ()
        with open(os.path.join(WORK, out + ".seed"), "wb") as file:
            file.write(seed)
        to = ("fuzz", "--server", f"{scheme}://127.0.0.1:{port}", "--rcpt", "bob@example.test", "--runs", "1", "--seeds", out + ".seed")
        serve = f"{MAILDRILL} serve --listen 127.0.0.1:{port} {' '.join(tls)}"
        code, shown = maildrill(*to, *options, "--exec", f"{serve} --fault {fault}", "--out", out)
        check(f"{scheme} {options}: {fault} is found", code == 1 and key + ".smtp" in names(out), shown)
        with open(os.path.join(WORK, out, "campaign.json"), encoding="utf-8") as file:
            check(f"{scheme} {options}: the states under TLS are in the record", any(state["name"].endswith(", under TLS")
                  for state in json.load(file)["states"]))
        path = os.path.join(out, "findings", key + ".smtp")
        code, shown = maildrill("run", path, "--fault", fault, "--insecure", *tls)
        check(f"{scheme} {options}: it fails in run", code == 1 and (tls or "%tls" in open(os.path.join(WORK, path), encoding="utf-8").read()), shown)
        code, shown = maildrill("run", path, "--insecure", *tls)
        check(f"{scheme} {options}: and passes where nothing is broken", code == 0, shown)
        code, shown = maildrill(*to, *options, "--exec", serve, "--out", out + "-sound")
        check(f"{scheme} {options}: nor is anything found there", code == 0, shown)


def under_asyncio():
    """A server that gives up a reply where the client leaves under TLS."""
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=localhost",
                    "-days", "2", "-keyout", "async.key", "-out", "async.pem"], check=True, capture_output=True, cwd=WORK)
    with open(os.path.join(WORK, "async.py"), "w", encoding="utf-8") as file:
        file.write(ASYNC)
    with open(os.path.join(WORK, "inject"), "wb") as file:
        file.write(b"EHLO a\r\nSTARTTLS\r\nNOOP\r\n\x16")
    code, shown = fuzz("async", f"exec {sys.executable} async.py PORT", "--runs", "6", "--seeds", "inject")
    check("plain text that an asyncio server runs under TLS is found", code == 1 and "starttls-injection-starttls.smtp" in names("async"), shown)


def mortal():
    code, shown = fuzz("dies", f"{sys.executable} mortal.py PORT", "--runs", "10", "--seeds", "deadly")
    found = [name for name in names("dies") if name.startswith("crash-") and name.endswith(".smtp")]
    check("a server that dies is found", code == 1 and found, shown)
    if found:
        with open(os.path.join(WORK, "dies/findings", found[0]), encoding="utf-8") as file:
            script = file.read()
        check("and made small", len(re.findall("^C", script, re.M)) <= 2 and "RSET" in script.upper(), script)
    code, shown = fuzz("dead", f"{sys.executable} mortal.py PORT", "--runs", "6", "--seeds", "often")
    with open(os.path.join(WORK, "dead/campaign.json"), encoding="utf-8") as file:
        deaths = json.load(file)["deaths"]
    check("each death is counted, and what it died of found once", deaths >= 2 and f"deaths of the server: {deaths}, of which " in shown
          and names("dead") == ["crash-rset.octets", "crash-rset.smtp"], shown)


def reported():
    code, shown = fuzz("reports", f"{sys.executable} mortal.py PORT reports", "--runs", "10", "--seeds", "deadly")
    check("what a sanitizer reports of a server that goes on is found", code == 1 and "reported by a sanitizer" in shown
          and names("reports") == ["sanitizer-in-take_name.octets", "sanitizer-in-take_name.smtp"], shown + str(names("reports")))
    with open(os.path.join(WORK, "reports/findings/sanitizer-in-take_name.smtp"), encoding="utf-8") as file:
        script = file.read()
    check("and made small, with what it says", len(re.findall("^C", script, re.M)) <= 2 and "RSET" in script.upper()
          and "# server.log: ==1==ERROR: AddressSanitizer: heap-buffer-overflow\n" in script, script)
    code, shown = fuzz("aborts", f"{sys.executable} mortal.py PORT aborts", "--runs", "10", "--seeds", "deadly", "--seeds", "too")
    check("what it dies of is told by the function that the report names, whichever command led there",
          [name for name in names("aborts") if name.startswith("crash") and name.endswith(".smtp")] == ["crash-in-take_name.smtp"], shown)
    port = free_port()
    server = subprocess.Popen([sys.executable, "mortal.py", str(port)], cwd=WORK)
    code, shown = maildrill("fuzz", "--server", f"127.0.0.1:{port}", "--pid", str(server.pid), "--minutes", "1", "--out", "pid",
                            "--seeds", "deadly")
    check("--pid: that it ends is seen", server.wait(10) == 1 and code == 1 and "the server" in shown, shown)
    check("and what was said last is kept", any(name.startswith("death-") for name in names("pid", "unconfirmed")))


def hoarding():
    """A server that keeps memory: seen where it is the child of a shell, too, and which dialogue it keeps it of."""
    code, shown = fuzz("hoards", f"{sys.executable} mortal.py PORT hoards; exit 1", "--runs", "24", "--seeds", "often")
    path = os.path.join(WORK, "hoards/unconfirmed/memory.octets")
    check("memory that grows is seen: 1", code == 1 and "memory of the server has grown" in shown, shown)
    check("and what it is kept of found", os.path.exists(path) and re.search(r" [34]\d\d\d KiB stay of each", shown), shown)
    with open(os.path.join(WORK, "hoards/campaign.json"), encoding="utf-8") as file:
        found = [f for f in json.load(file)["findings"] if f["oracle"] == "memory"]
    with open(os.path.join(WORK, "hoards/campaign.html"), encoding="utf-8") as file:
        check("and in the record, and on its page", len(found) == 1 and found[0]["file"] == "unconfirmed/memory.octets"
              and [line["text"][:4] for line in found[0]["dialogue"]][-1] == "RSET" and found[0]["title"] in file.read(), found)
    if os.path.exists(path):
        with open(path, "rb") as file:
            said = file.read().splitlines()
        check("and made small", [line[:4] for line in said if line[:4] != b"EHLO"] == [b"MAIL", b"RSET"], said)


def hanging():
    """A server that hangs is ended and started again, and the campaign goes on."""
    with open(os.path.join(WORK, "calm"), "wb") as file:
        file.write(b"EHLO a\r\nNOOP\r\n")
    code, shown = fuzz("hangs", f"exec {sys.executable} mortal.py PORT hangs", "--runs", "12", "--seeds", "deadly", "--seeds", "calm", "--timeout", "1s",
                       "--minutes", "4")
    with open(os.path.join(WORK, "hangs/campaign.json"), encoding="utf-8") as file:
        record = json.load(file)
    check("a server that hangs is ended, and the campaign goes on", code == 1 and record["dialogues"] >= 8 and record["deaths"] >= 1
          and "stopped" not in record, shown)
    check("what it hangs of is found once", [name for name in names("hangs") if name.endswith("rset.smtp")] == ["hang-rset.smtp"], names("hangs"))


def resting():
    """A server that others start again, after a while: the campaign waits, and what sent it away is found."""
    port = free_port()
    server = subprocess.Popen([sys.executable, "mortal.py", str(port), "rests"], cwd=WORK)
    campaign = subprocess.Popen([MAILDRILL, "fuzz", "--server", f"127.0.0.1:{port}", "--minutes", "3", "--out", "rests", "--seeds", "deadly",
                                 "--quiet"], cwd=WORK, stdout=subprocess.PIPE, text=True)
    shown = []
    for line in campaign.stdout:
        shown.append(line)
        if line.endswith("findings/closed-rset.smtp\n"):
            campaign.terminate()
    check("a server that rests is waited for, and why it does is found", campaign.wait(DEADLINE) == 130, "".join(shown))
    server.kill()
    server.wait()


def noted():
    """What the server tells of mailboxes is noted, and is no finding; with an answer for all there is nothing to note."""
    for server, expected in ((reference() + " --discloses", ["VRFY", "RCPT"]), (reference(), ["RCPT"])):
        code, shown = fuzz("noted", server, "--norcpt", "nosuch@example.test", "--runs", "20")
        with open(os.path.join(WORK, "noted", "campaign.json"), encoding="utf-8") as file:
            rows = json.load(file)["noted"]
        check("who is there is told by %s" % expected, code == 0 and [row["what"] for row in rows] == expected
              and all(row["answers"].startswith("250 to bob@example.test, 550 to nosuch@example.test") for row in rows), rows)
        with open(os.path.join(WORK, "noted", "campaign.html"), encoding="utf-8") as file:
            check("and on the page, and printed", rows[0]["answers"] in file.read()
                  and re.findall(r"^noted: (\w+)", shown, re.M) == expected, shown)


def limits():
    code, shown = maildrill("fuzz", "--server", "smtp://192.0.2.1:25")
    check("another machine: 2", code == 2 and "--i-own-this-server" in shown, shown)
    code, shown = maildrill("fuzz", "--server", f"smtp://127.0.0.1:{free_port()}", "--exec", "true", "--timeout", "1s")
    check("no server: 4", code == 4 and "does not answer" in shown, shown)
    code, shown = maildrill("fuzz", "--differential", "--server", "a=smtps://127.0.0.1:465", "--server", "b=smtp://127.0.0.1:25")
    check("--differential over TLS: 2", code == 2 and "not a server to fuzz" in shown, shown)
    begun = time.monotonic()
    code, shown = fuzz("rate", reference(), "--runs", "60", "--rate", "20", "--seed", "2")
    check("--rate: 60 dialogues take three seconds at 20/s", code == 0 and time.monotonic() - begun > 2.5, shown)


def interrupted():
    port = free_port()
    arguments = [MAILDRILL, "fuzz", "--server", f"smtp://127.0.0.1:{port}", "--exec", reference().replace("PORT", str(port)),
                 "--out", "stopped"]
    process = subprocess.Popen(arguments, cwd=WORK, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    begins = process.stdout.readline()
    log = os.path.join(WORK, "stopped", "sent-0.log")
    until = time.monotonic() + DEADLINE
    while not os.path.exists(log) and time.monotonic() < until:
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    shown = process.communicate(timeout=DEADLINE)[0]
    check("SIGINT: 130, with a summary", process.returncode == 130 and b"begins with" in begins and b"dialogues" in shown, shown)
    kept = len(names("stopped", "corpus"))
    code, shown = maildrill(*arguments[1:], "--runs", "100")
    check("and the next run goes on", code == 0 and "goes on with" in shown and "with earlier runs" in shown
          and len(names("stopped", "corpus")) >= kept, shown)
    with socket.socket() as sock:
        check("the server was ended", sock.connect_ex(("127.0.0.1", port)) != 0)


PARTS = {
    "long": (behind_auth, habits, differential, sound, record),
    "short": (resting, under_asyncio, mortal, broken, plain_progress, under_tls, reported, hoarding, hanging, noted, limits, interrupted),
}

with tempfile.TemporaryDirectory() as WORK:
    code, shown = maildrill("fuzz", "--server", "smtp://192.0.2.1:25")
    if "no libFuzzer" in shown:
        skip("this build has no libFuzzer")
    with open(os.path.join(WORK, "mortal.py"), "w", encoding="utf-8") as file:
        file.write(MORTAL)
    with open(os.path.join(WORK, "deadly"), "wb") as file:
        file.write(b"EHLO a\r\nMAIL FROM:<a@b>\r\nRSET\r\nQUIT\r\n")
    with open(os.path.join(WORK, "too"), "wb") as file:
        file.write(b"EHLO a\r\nMAIL FROM:<a@b>\r\nNOOP\r\n")
    os.mkdir(os.path.join(WORK, "often"))
    for number in range(24):
        with open(os.path.join(WORK, "often", str(number)), "wb") as file:
            file.write(b"EHLO a\r\nMAIL FROM:<a%d@b>\r\nRSET\r\n" % number)
    # A campaign waits more than it works.
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        for done in [pool.submit(part) for part in PARTS[sys.argv[2]]]:
            done.result()
finish()
