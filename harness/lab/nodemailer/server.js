// nodemailer's smtp-server as SMTP with STARTTLS, as SMTP under TLS, and as LMTP; it files mail in Maildirs.
'use strict';
const fs = require('node:fs');
const { SMTPServer } = require('/usr/local/lib/lab/node_modules/smtp-server');

const DOMAINS = ['example.test', 'localhost'];
const USERS = { phil: 'phil', bob: 'bob', postmaster: 'phil' };
const PASSWORD = 'secret';
let serial = 0;

function refusal(code, text) {
    return Object.assign(new Error(text), { responseCode: code });
}

// RFC 5321 4.1.2: all quoted forms of a local part are the same mailbox
function userOf(address) {
    const local = address.slice(0, address.includes('@') ? address.lastIndexOf('@') : undefined);
    return USERS[local.replace(/^"(.*)"$/s, (_, quoted) => quoted.replace(/\\(.)/gs, '$1')).toLowerCase()];
}

function deliver(user, octets) {
    const box = `/run/lab/home/${user}/Maildir`;
    const name = `${Date.now()}.${process.pid}_${serial++}.nodemailer`;
    const { uid, gid } = fs.statSync(box);
    fs.writeFileSync(`${box}/tmp/${name}`, octets, { mode: 0o644 });
    fs.chownSync(`${box}/tmp/${name}`, uid, gid);
    fs.renameSync(`${box}/tmp/${name}`, `${box}/new/${name}`);
}

function onAuth(auth, session, done) {
    const known = ['phil', 'bob'].includes(auth.username);
    const good = auth.method === 'CRAM-MD5' ? auth.validatePassword(PASSWORD) : auth.password === PASSWORD;
    if (!known || !good) return done(refusal(535, 'invalid user name or password'));
    done(null, { user: auth.username });
}

function onRcptTo(address, session, done) {
    const domain = address.address.includes('@') ? address.address.split('@').pop() : undefined;
    if (domain !== undefined && !DOMAINS.includes(domain.toLowerCase())) return done(refusal(550, 'relaying denied'));
    if (!userOf(address.address)) return done(refusal(550, 'no such user'));
    done();
}

function onData(stream, session, done) {
    const chunks = [];
    stream.on('data', (chunk) => chunks.push(chunk));
    stream.on('end', () => {
        if (stream.sizeExceeded) return done(refusal(552, 'message too large'));
        const recipients = session.envelope.rcptTo;
        for (const user of new Set(recipients.map((rcpt) => userOf(rcpt.address)))) deliver(user, Buffer.concat(chunks));
        done(null, this.options.lmtp ? recipients.map(() => 'filed') : 'filed');
    });
}

function listen(port, extra) {
    const server = new SMTPServer({
        name: 'nodemailer.example.test',
        key: fs.readFileSync('/run/lab/tls/server.key'),
        cert: fs.readFileSync('/run/lab/tls/chain.crt'),
        authMethods: ['PLAIN', 'LOGIN', 'CRAM-MD5'],
        authOptional: true,
        allowInsecureAuth: true,
        disableReverseLookup: true,
        size: 10 * 1024 * 1024,
        hideENHANCEDSTATUSCODES: false,
        hideDSN: false,
        onAuth,
        onRcptTo,
        onData,
        ...extra,
    });
    server.on('error', (error) => console.error(error.message));
    server.listen(Number(port), '127.0.0.1');
}

listen(process.env.LAB_MX, {});
listen(process.env.LAB_SMTPS, { secure: true });
listen(process.env.LAB_LMTP, { lmtp: true });
