#!/usr/bin/env python3
"""lab.mail: every server takes mail at each of its ports, verified by the lab's CA; it lies in the Maildir, and
Dovecot's POP3 and IMAP show it; strangers are not relayed for.
usage: mail.py"""
import ctypes
import imaplib
import os
import poplib
import select
import smtplib
import ssl
import time

from common import CA_FILE, check, finish, lab, needs_lab, reserve_base, servers

SECONDS = 30
ARRIVES = 0x80 | 0x100  # IN_MOVED_TO, and IN_CREATE: some link it into place


def await_message(folder, token):
    """The octets of the message with that word in it, as soon as it lies in the folder."""
    libc = ctypes.CDLL(None)
    watch = libc.inotify_init()
    libc.inotify_add_watch(watch, folder.encode(), ARRIVES)
    until, seen = time.monotonic() + SECONDS, set()
    try:
        while time.monotonic() < until:
            for name in set(os.listdir(folder)) - seen:
                seen.add(name)
                with open(os.path.join(folder, name), "rb") as file:
                    message = file.read()
                if token.encode() in message:
                    return message
            if select.select([watch], [], [], until - time.monotonic())[0]:
                os.read(watch, 4096)
    finally:
        os.close(watch)
    return None


def client_of(server, role, context):
    port = server.port(role)
    if role == "smtps":
        return smtplib.SMTP_SSL("127.0.0.1", port, "client.example.test", timeout=SECONDS, context=context)
    if role == "lmtp":
        return smtplib.LMTP("127.0.0.1", port, "client.example.test", timeout=SECONDS)
    return smtplib.SMTP("127.0.0.1", port, "client.example.test", timeout=SECONDS)


def send(server, role, token):
    context = ssl.create_default_context(cafile=CA_FILE)
    with client_of(server, role, context) as client:
        if role in ("mx", "submission"):
            client.starttls(context=context)
        if role == "submission" or (role == "smtps" and "mx" not in server.roles):
            client.login("phil", servers.PASSWORD)
        client.sendmail("phil@example.test", ["bob@example.test"], b"Subject: %s\r\n\r\n.a dot\r\n" % token.encode())


def test_delivery(server):
    for role in server.public_roles():
        if role in ("pop3", "imap"):
            continue
        token = "%s-%s" % (server.name, role)
        try:
            send(server, role, token)
        except (OSError, smtplib.SMTPException) as error:
            check("%s takes mail" % token, False, error)
            continue
        message = await_message(os.path.join(server.maildir("bob"), "new"), token)
        check("%s delivers, dots and all" % token, message is not None and b"\n\n.a dot\n" in message.replace(b"\r", b""),
               repr(message))


def test_refusals(server):
    role = server.suite[0]
    with client_of(server, role, None) as client:
        if role == "submission":
            client.starttls(context=ssl.create_default_context(cafile=CA_FILE))
            client.login("phil", servers.PASSWORD)
        client.ehlo_or_helo_if_needed()
        client.mail("phil@example.test")
        for address, taken in (("phil@example.test", True), ("postmaster@example.test", True),
                               ("nobody-here@example.test", False), (servers.REMOTE, False)):
            code, text = client.rcpt(address)
            check("%s: RCPT TO:<%s>" % (server.name, address), (code == 250) == taken, text)


def test_mailboxes(dovecot, others):
    for server in others:
        user = "bob@" + server.name
        pop = poplib.POP3("127.0.0.1", dovecot.port("pop3"), timeout=SECONDS)
        pop.user(user)
        pop.pass_(servers.PASSWORD)
        count = pop.stat()[0]
        subjects = b"\n".join(b"\n".join(pop.top(number + 1, 0)[1]) for number in range(count))
        pop.quit()
        check("POP3 shows bob's mail at " + server.name, b"Subject: %s-" % server.name.encode() in subjects, subjects)
    with imaplib.IMAP4("127.0.0.1", dovecot.port("imap"), timeout=SECONDS) as imap:
        imap.login("bob@" + others[0].name, servers.PASSWORD)
        check("IMAP shows it too", int(imap.select()[1][0]) > 0)


def main():
    needs_lab("postfix", "dovecot")
    base = reserve_base()
    names = [name for name in servers.names() if name != "smtpsink"]
    chosen = lab.startable([servers.Server(name, base) for name in names])
    with lab.Lab(chosen):
        for server in chosen:
            test_delivery(server)
            test_refusals(server)
        test_mailboxes([server for server in chosen if server.name == "dovecot"][0], chosen)
    finish()


main()
