"""aiosmtpd as SMTP with STARTTLS, as SMTP under TLS, and as LMTP; it files mail in Maildirs."""
import asyncio
import itertools
import os
import ssl
import time
from functools import partial

from aiosmtpd.lmtp import LMTP
from aiosmtpd.smtp import SMTP, AuthResult

DOMAINS = ("example.test", "localhost")
USERS = {"phil": "phil", "bob": "bob", "postmaster": "phil"}
PASSWORD = b"secret"
serial = itertools.count()


def deliver(user, octets):
    box = "/run/lab/home/%s/Maildir" % user
    name = "%d.%d_%d.aiosmtpd" % (time.time(), os.getpid(), next(serial))
    with open("%s/tmp/%s" % (box, name), "wb") as file:
        file.write(octets.replace(b"\r\n", b"\n"))
    owner = os.stat(box)
    os.chown(file.name, owner.st_uid, owner.st_gid)
    os.rename(file.name, "%s/new/%s" % (box, name))


class Handler:
    async def handle_RCPT(self, server, session, envelope, address, rcpt_options):
        local, at, domain = address.rpartition("@")
        if not at:
            local, domain = domain, DOMAINS[0]
        if domain.lower() not in DOMAINS:
            return "550 5.7.1 relaying denied"
        if local.lower() not in USERS:
            return "550 5.1.1 no such user"
        envelope.rcpt_tos.append(local.lower())
        return "250 2.1.5 OK"

    async def handle_DATA(self, server, session, envelope):
        for user in {USERS[local] for local in envelope.rcpt_tos}:
            deliver(user, envelope.original_content)
        if isinstance(server, LMTP):  # RFC 2033 4.2: a reply for each recipient
            return "\r\n".join("250 2.0.0 OK" for _ in envelope.rcpt_tos)
        return "250 2.0.0 OK"


def authenticate(server, session, envelope, mechanism, data):
    good = data.login.decode("utf-8", "replace") in ("phil", "bob") and data.password == PASSWORD
    return AuthResult(success=good, handled=False)


async def main():
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain("/run/lab/tls/chain.crt", "/run/lab/tls/server.key")
    loop = asyncio.get_running_loop()
    common = {"handler": Handler(), "hostname": "aiosmtpd.example.test", "loop": loop}
    smtp = dict(common, authenticator=authenticate, auth_require_tls=False, enable_SMTPUTF8=True)
    servers = [
        await loop.create_server(partial(SMTP, tls_context=tls, **smtp), "127.0.0.1", int(os.environ["LAB_MX"])),
        await loop.create_server(partial(SMTP, **smtp), "127.0.0.1", int(os.environ["LAB_SMTPS"]), ssl=tls),
        await loop.create_server(partial(LMTP, **common), "127.0.0.1", int(os.environ["LAB_LMTP"])),
    ]
    await asyncio.gather(*(server.serve_forever() for server in servers))


asyncio.run(main())
