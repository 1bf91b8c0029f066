#!/usr/bin/env python3
"""Writes what looks like real mail: header sections, one after another, or lines of SMTP.

usage: samples.py short|long|odd|commands|replies|ehlo COUNT [SEED]

short  as mail of the years around 2000 has them: about 1.9 KB a header, 78 octets a field
long   as mail has them today, signed and sealed at every hop: about 12 KB, 200 octets a field
odd    a few fields each; the addresses, dates and ids of many hands, right and wrong
commands, replies, ehlo   what clients send, what servers answer, what they answer to EHLO
The same arguments give the same octets.
"""

import base64
import random
import sys

FIRST = "Ada Alan Anna Barbara Bjarne Brian Carol Dennis Donald Edsger Frances Grace Guido Jean Joan John Karen Ken Linus Margaret Mary Niklaus Radia Robert Shafi Tim".split()
LAST = "Lovelace Turing Smith Liskov Thompson Kernighan Shaw Ritchie Knuth Dijkstra Allen Hopper Bartik Clarke Doe Jones Torvalds Hamilton Wirth Perlman Morris Berners-Lee O'Neil".split()
HOSTS = "example.com example.org mail.example.net lists.example.org mx1.big-provider.test smtp-out.company.test uni-town.test dialup-123.isp.test a.test".split()
WORDS = "re meeting about the new release of your order report for week notes and questions on mail server update please read this list of patches broken build again thanks for all fish invoice holiday plans".split()
DAYS = "Mon Tue Wed Thu Fri Sat Sun".split()
MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()
ATEXT = "abcdefghijklmnopqrstuvwxyz0123456789"


class Hand:
    """One writer of headers; everything it makes up comes from its own random numbers."""

    def __init__(self, seed):
        self.random = random.Random(seed)

    def pick(self, things):
        return things[self.random.randrange(len(things))]

    def token(self, octets, alphabet=ATEXT):
        return "".join(self.pick(alphabet) for _ in range(octets))

    def chance(self, percent):
        return self.random.randrange(100) < percent

    def words(self, least, most):
        return " ".join(self.pick(WORDS) for _ in range(self.random.randint(least, most)))

    def person(self):
        return self.pick(FIRST), self.pick(LAST)

    def addr_spec(self, first, last):
        local = self.pick([f"{first}.{last}", f"{first[0]}{last}", first, f"{last}-{self.token(3)}"])
        return f"{local.lower().replace(chr(39), '')}@{self.pick(HOSTS)}"

    def mailbox(self):
        first, last = self.person()
        address = self.addr_spec(first, last)
        return self.pick([
            address, f"<{address}>", f"{first} {last} <{address}>", f"{first} {last} <{address}>",
            f'"{last}, {first}" <{address}>', f'"{first} {last}" <{address}>',
            f"{address} ({first} {last})",
        ])

    def mailboxes(self, most):
        return ",\r\n\t".join(self.mailbox() for _ in range(self.random.randint(1, most)))

    def date(self):
        r = self.random
        day = r.randint(1, 28)
        year, month = r.randint(1999, 2026), r.randint(1, 12)
        weekday = DAYS[weekday_of(year, month, day)]
        zone = self.pick(["+0000", "-0500", "-0700", "+0100", "+0200", "+0530", "-0800 (PST)", "+0200 (CEST)"])
        return (f"{weekday}, {self.pick([f'{day:02}', str(day)])} {MONTHS[month - 1]} {year} "
                f"{r.randrange(24):02}:{r.randrange(60):02}:{r.randrange(60):02} {zone}")

    def msg_id(self):
        left = self.pick([self.token(8, "0123456789ABCDEF") + "." + self.token(7),
                          self.token(14, "0123456789") + "." + self.token(5, ATEXT.upper()),
                          self.token(20) + "+" + self.token(4)])
        return f"<{left}@{self.pick(HOSTS)}>"

    def received(self):
        sender, receiver = self.pick(HOSTS), self.pick(HOSTS)
        numbers = ".".join(str(self.random.randint(1, 254)) for _ in range(4))
        return self.pick([
            f"from {sender} ({sender} [{numbers}])\r\n\tby {receiver} (Postfix) with ESMTP id {self.token(10, '0123456789ABCDEF')}\r\n\tfor <{self.addr_spec(*self.person())}>; {self.date()}",
            f"from {sender} ([{numbers}] helo={sender})\r\n\tby {receiver} with esmtp (Exim 4.94)\r\n\tid {self.token(6)}-{self.token(6)}-{self.token(2)}; {self.date()}",
            f"from {sender} ({sender} [{numbers}])\r\n\t(using TLSv1.2 with cipher ECDHE-RSA-AES256-GCM-SHA384 (256/256 bits))\r\n\t(Client did not present a certificate)\r\n\tby {receiver} (Postfix) with ESMTPS id {self.token(10, '0123456789ABCDEF')};\r\n\t{self.date()}",
            f"(qmail {self.token(5, '0123456789')} invoked by uid 500); {self.date()}",
            f"from {sender} ({sender} [{numbers}]) by {receiver} (8.11.6/8.11.6) with SMTP id {self.token(14)} for <{self.addr_spec(*self.person())}>;\r\n    {self.date()}",
        ])

    def folded(self, octets, width=72):
        blob = base64.b64encode(self.token(octets * 3 // 4).encode()).decode()
        return "\r\n ".join(blob[i:i + width] for i in range(0, len(blob), width))

    def ordinary(self):
        """The fields that a message of any year has."""
        fields = [("Return-Path", f"<{self.addr_spec(*self.person())}>"),
                  ("Delivered-To", self.addr_spec(*self.person()))]
        fields += [("Received", self.received()) for _ in range(self.random.randint(3, 7))]
        fields += [("From", self.mailbox()), ("To", self.mailboxes(4)),
                   ("Subject", self.words(2, 9).capitalize()), ("Date", self.date()),
                   ("Message-ID", self.msg_id()), ("MIME-Version", "1.0"),
                   ("Content-Type", self.pick(['text/plain; charset="us-ascii"', "text/plain; charset=UTF-8; format=flowed",
                                               f'multipart/alternative;\r\n\tboundary="----=_NextPart_{self.token(12)}"']))]
        optional = [("Cc", self.mailboxes(3)), ("Reply-To", self.mailbox()), ("In-Reply-To", self.msg_id()),
                    ("References", "\r\n ".join(self.msg_id() for _ in range(self.random.randint(1, 4)))),
                    ("Content-Transfer-Encoding", "7bit"), ("X-Mailer", "Mozilla 4.79 [en] (X11; U; Linux 2.4.18)"),
                    ("Sender", self.addr_spec(*self.person())), ("Errors-To", self.addr_spec(*self.person())),
                    ("X-Priority", "3"), ("Precedence", "bulk"), ("Status", "RO"), ("Content-Length", self.token(4, "123456789")),
                    ("X-Loop", self.addr_spec(*self.person())), ("X-Original-Date", self.date()), ("Lines", self.token(2, "123456789")),
                    ("List-Id", f"{self.words(2, 4)} <{self.token(6)}.lists.example.org>"), ("X-Beenthere", self.addr_spec(*self.person())),
                    ("List-Unsubscribe", f"<https://lists.example.org/{self.token(12)}>,\r\n\t<mailto:leave@lists.example.org>")]
        return fields + [field for field in optional if self.chance(60)]

    def sealed(self):
        """What today's hops add to them."""
        fields = self.ordinary()
        for hop in range(1, self.random.randint(3, 6)):
            fields += [
                ("ARC-Seal", f"i={hop}; a=rsa-sha256; t={self.token(10, '123456789')}; cv=none; d={self.pick(HOSTS)}; s=arc-{self.token(8)};\r\n b={self.folded(344)}"),
                ("ARC-Message-Signature", f"i={hop}; a=rsa-sha256; c=relaxed/relaxed; d={self.pick(HOSTS)}; s=arc-{self.token(8)};\r\n h=to:subject:message-id:date:from:mime-version;\r\n bh={self.token(43)}=;\r\n b={self.folded(344)}"),
                ("Authentication-Results", f"{self.pick(HOSTS)};\r\n dkim=pass header.i=@{self.pick(HOSTS)} header.s={self.token(8)} header.b={self.token(8)};\r\n spf=pass (sender permitted) smtp.mailfrom={self.addr_spec(*self.person())};\r\n dmarc=pass (p=NONE sp=NONE dis=NONE) header.from={self.pick(HOSTS)}"),
                ("DKIM-Signature", f"v=1; a=rsa-sha256; c=relaxed/relaxed; d={self.pick(HOSTS)}; s={self.token(8)};\r\n h=to:subject:message-id:date:from:mime-version:from:to:cc:subject;\r\n bh={self.token(43)}=;\r\n b={self.folded(344)}"),
                ("X-Report", self.folded(self.random.randint(300, 1200))),
            ]
        for number in range(self.random.randint(5, 20)):
            fields.append((f"X-{self.token(3).title()}-{self.pick(WORDS).title()}", self.token(self.random.randint(2, 60))))
        return fields

    def odd(self):
        """Fields as many hands write them: comments, groups, obsolete forms, mistakes."""
        first, last = self.person()
        address = self.addr_spec(first, last)
        mailbox = self.pick([
            f"{first} {last[0]}. {last} <{address}>", f"{first}(a comment) <{address}>", f'"{first} \\"{last}\\"" <{address}>',
            f"{first} <{address}>, {self.mailbox()}, , {self.mailbox()}", f"Friends: {self.mailbox()}, {self.mailbox()};",
            "undisclosed-recipients:;", f"=?utf-8?Q?{first}_{last}?= <{address}>", f"=?iso-8859-1?B?{base64.b64encode(first.encode()).decode()}?= {last} <{address}>",
            f'"{first} @ home" <{address}>', f"{first} {last} < {address} >", f"<@relay.test:{address}>", f"{first}\r\n {last}\r\n\t<{address}>",
            f"\"{first.lower()} {last.lower()}\"@{self.pick(HOSTS)}", f"{first}@[192.0.2.{self.random.randint(1, 254)}]", self.mailboxes(5),
            f"{address} ({first} (nested) {last})", f"{first} <{address}", f"{first.lower()}", f"{first} {last}; {address}", f"<{address}> {first}",
        ])
        date = self.date()
        r = self.random
        date = self.pick([
            date, date, date.replace(", ", ","), date[5:], date.rsplit(":", 1)[0] + " +0100", date.rsplit(" ", 1)[0] if "(" not in date else date,
            f"{r.randint(1, 28)} {self.pick(MONTHS)} {r.randint(0, 99):02} {r.randrange(24):02}:{r.randrange(60):02} {self.pick(['GMT', 'EST', 'PDT', 'UT', 'Z', 'CET'])}",
            f"{self.pick(DAYS)}, {r.randint(1, 28)} {self.pick(MONTHS)} {r.randint(1990, 2026)} {r.randrange(24)}:{r.randrange(60)}:{r.randrange(60)} +0000",
            date + " (a comment)", "(comment) " + date, date.replace(" ", "  "), date.upper(), date.replace(" ", "\r\n ", 1),
            f"{self.pick(DAYS)} {self.pick(MONTHS)} {r.randint(1, 28)} {r.randrange(24):02}:{r.randrange(60):02}:{r.randrange(60):02} {r.randint(1990, 2026)}",
        ])
        ids = self.pick([self.msg_id(), self.msg_id(), " " + self.msg_id() + " ", self.msg_id() + "\r\n\t" + self.msg_id(), self.msg_id() + self.msg_id(),
                         self.msg_id()[1:-1], f"<{self.token(12)}>", "(comment) " + self.msg_id(), self.msg_id()[:-1]])
        return [("From", self.mailbox()), ("To", mailbox), ("Date", date), ("Message-ID", ids), ("Subject", self.words(1, 6))]

    def header(self, style):
        fields = {"short": self.ordinary, "long": self.sealed, "odd": self.odd}[style]()
        return "".join(f"{name}: {body}\r\n" for name, body in fields) + "\r\n"


    def commands(self):
        path = self.addr_spec(*self.person())
        sized = self.pick(["", f" SIZE={self.random.randint(400, 90000)}", f" SIZE={self.random.randint(400, 90000)} BODY=8BITMIME", " BODY=8BITMIME SMTPUTF8"])
        return self.pick([f"MAIL FROM:<{path}>{sized}", f"MAIL FROM:<{path}>{sized}", f"RCPT TO:<{path}>", f"RCPT TO:<{path}>",
                          f"RCPT TO:<{path}> NOTIFY=FAILURE ORCPT=rfc822;{path}", f"EHLO {self.pick(HOSTS)}", "DATA", "RSET", "QUIT"]) + "\r\n"

    def replies(self):
        path = self.addr_spec(*self.person())
        if self.chance(20):
            return "".join(f"550{mark}5.7.1 {self.words(4, 12)}\r\n" for mark in "-" * self.random.randint(1, 4) + " ")
        return self.pick([f"220 {self.pick(HOSTS)} ESMTP Postfix", "250 2.1.0 Ok", "250 2.1.5 Ok", f"250 2.1.5 <{path}>... Recipient ok",
                          "354 End data with <CR><LF>.<CR><LF>", f"250 2.0.0 Ok: queued as {self.token(10, '0123456789ABCDEF')}", "221 2.0.0 Bye",
                          f"550 5.1.1 <{path}>: Recipient address rejected: User unknown in local recipient table", "451 4.7.1 Greylisting in action, please come back later"]) + "\r\n"

    def ehlo(self):
        lines = [self.pick(HOSTS), "PIPELINING", f"SIZE {self.random.randint(10, 99)}240000", "VRFY", "ETRN", "STARTTLS",
                 "AUTH PLAIN LOGIN", "ENHANCEDSTATUSCODES", "8BITMIME", "DSN", "SMTPUTF8", "CHUNKING"]
        lines = lines[:1] + sorted(self.random.sample(lines[1:], 8), key=lines.index)
        return "".join(f"250{' ' if n == 8 else '-'}{line}\r\n" for n, line in enumerate(lines))

    def sample(self, style):
        if style in ("short", "long", "odd"):
            return self.header(style)
        return {"commands": self.commands, "replies": self.replies, "ehlo": self.ehlo}[style]()


def weekday_of(year, month, day):
    """0 for Monday (Sakamoto)."""
    year -= month < 3
    return (year + year // 4 - year // 100 + year // 400 + (0, 3, 2, 5, 0, 3, 5, 1, 4, 6, 2, 4)[month - 1] + day - 1) % 7


def main():
    if len(sys.argv) not in (3, 4):
        sys.exit(__doc__)
    hand = Hand(int(sys.argv[3]) if len(sys.argv) == 4 else 1)
    for _ in range(int(sys.argv[2])):
        sys.stdout.buffer.write(hand.sample(sys.argv[1]).encode())


if __name__ == "__main__":
    main()
