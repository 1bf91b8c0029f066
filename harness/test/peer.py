"""What bad peers are made of (scenario.hostile): one connection, in plain text or under TLS, and the few moves that go wrong."""
import os
import socket
import ssl
import struct
import subprocess

PATIENCE = 60  # seconds that a peer waits for the other side at most: passing it is a hang, and shows as a wrong verdict


class Certificates:
    """A CA, and what servers show: `good`, `expired`, `elsewhere` (another host's name), `selfsigned`: PEM files, key and all."""

    def __init__(self, folder):
        self.folder = folder
        self.ca = os.path.join(folder, "ca.pem")
        self.openssl("req", "-x509", "-nodes", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-keyout", self.path("ca.key"),
                     "-out", self.ca, "-days", "2", "-subj", "/CN=test CA")
        self.good = self.make("good", "IP:127.0.0.1", 2)
        self.expired = self.make("expired", "IP:127.0.0.1", -1)
        self.elsewhere = self.make("elsewhere", "DNS:elsewhere.example", 2)
        self.selfsigned = self.make("selfsigned", "IP:127.0.0.1", 2, signed=False)

    def path(self, name):
        return os.path.join(self.folder, name)

    def openssl(self, *arguments):
        subprocess.run(["openssl", *arguments], check=True, capture_output=True)

    def make(self, name, names, days, signed=True):
        key, request, cert = self.path(name + ".key"), self.path(name + ".csr"), self.path(name + ".crt")
        self.openssl("req", "-new", "-nodes", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-keyout", key, "-out", request,
                     "-subj", "/CN=" + name, "-addext", "subjectAltName=" + names)
        signer = ["-CA", self.ca, "-CAkey", self.path("ca.key"), "-CAcreateserial"] if signed else ["-signkey", key]
        self.openssl("x509", "-req", "-in", request, *signer, "-days", str(days), "-copy_extensions", "copy", "-out", cert)
        with open(self.path(name + ".pem"), "wb") as both:
            for part in (key, cert):
                with open(part, "rb") as file:
                    both.write(file.read())
        return both.name

    def context(self, name, newest=ssl.TLSVersion.TLSv1_3):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(name)
        context.maximum_version = newest
        return context


class Peer:
    """An accepted connection. `gone` is set when the other side's program has ended."""

    def __init__(self, sock, gone, certificates):
        self.sock, self.gone, self.certificates = sock, gone, certificates
        sock.settimeout(PATIENCE)

    def say(self, octets):
        self.sock.sendall(octets)

    def hear(self):
        return self.sock.recv(65536)

    def answer(self, *replies):
        for reply in replies:
            self.hear()
            self.say(reply)

    def hold(self):
        """Keeps the connection open until the other side closes it."""
        try:
            while self.hear():
                pass
        except OSError:
            pass

    def reset(self):
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.sock.close()

    def half_close(self):
        self.sock.shutdown(socket.SHUT_WR)

    def flood(self, octets, total=1 << 40):
        """So many octets, or until the other side has had enough."""
        piece = octets * max(1, 65536 // len(octets))
        try:
            for _ in range(total // len(piece)):
                self.say(piece)
        except OSError:
            pass

    def drip(self, octets, seconds=0.1, first=0):
        """An octet at a time: `octets` again and again, until the other side has gone; the first of them at once."""
        self.say(octets[:first])
        at = first
        while not self.gone.wait(seconds):
            try:
                self.say(octets[at % len(octets):][:1])
            except OSError:
                return
            at += 1

    def greet(self):
        self.say(b"220 bad.example.test\r\n")

    def after_ehlo(self, reply=b"250 bad.example.test\r\n"):
        self.greet()
        self.answer(reply)

    def starttls(self, extra=b""):
        self.greet()
        self.answer(b"250-bad\r\n250 STARTTLS\r\n", b"220 go\r\n" + extra)

    def secure(self, certificate="good", newest=ssl.TLSVersion.TLSv1_3):
        """STARTTLS, and the other side's first flight is read; the answer is at hand in `flight`, unsent."""
        self.starttls()
        return Secure(self, getattr(self.certificates, certificate), newest)


class Secure(Peer):
    """The server's side of TLS over a Peer, by hand: every octet can be sent, changed or kept."""

    def __init__(self, peer, certificate, newest):
        super().__init__(peer.sock, peer.gone, peer.certificates)
        self.wire = peer
        self.incoming, self.outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.tls = self.certificates.context(certificate, newest).wrap_bio(self.incoming, self.outgoing, server_side=True)
        self.flight = b""
        while not self.flight:
            try:
                self.incoming.write(self.sock.recv(65536))
                self.tls.do_handshake()
            except ssl.SSLWantReadError:
                pass
            self.flight = self.outgoing.read()

    def raw(self, octets):
        self.sock.sendall(octets)

    def raw_twice(self):
        self.raw(self.flight + self.flight)

    def hold_raw(self):
        self.wire.hold()

    def flood_raw(self, octets):
        self.wire.flood(octets)

    def drip_raw(self, octets):
        self.wire.drip(octets)

    def shake(self):
        """Ends the handshake as it should be."""
        self.raw(self.flight)
        while True:
            try:
                self.tls.do_handshake()
                break
            except ssl.SSLWantReadError:
                self.incoming.write(self.sock.recv(65536))
        self.raw(self.outgoing.read())
        return self

    def say(self, octets):
        for at in range(0, len(octets), 16384):  # a TLS record holds no more
            self.tls.write(octets[at:at + 16384])
        self.raw(self.outgoing.read())

    def hear(self):
        while True:
            try:
                return self.tls.read(65536)
            except ssl.SSLWantReadError:
                octets = self.sock.recv(65536)
                if not octets:
                    return b""
                self.incoming.write(octets)

    def close_notify(self):
        try:
            self.tls.unwrap()
        except ssl.SSLError:
            pass
        self.raw(self.outgoing.read())
