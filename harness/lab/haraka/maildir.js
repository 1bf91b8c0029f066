// Haraka delivers nowhere by itself: takes mail for the lab's users and files it in their Maildirs.
'use strict';
const fs = require('node:fs');

const DOMAINS = ['example.test', 'localhost'];
const USERS = { phil: 'phil', bob: 'bob', postmaster: 'phil' };
let serial = 0;

// RFC 5321 4.1.2: all quoted forms of a local part are the same mailbox
function mailbox(local) {
    return local.replace(/^"(.*)"$/s, (_, quoted) => quoted.replace(/\\(.)/gs, '$1')).toLowerCase();
}

exports.hook_mail = (next) => next();

exports.hook_rcpt = (next, connection, params) => {
    const { user, host } = params[0];
    const local = mailbox(user);
    if (!host && local !== 'postmaster') return next(DENY, 'relaying denied');
    if (host && !DOMAINS.includes(host.toLowerCase())) return next(DENY, 'relaying denied');
    if (!Object.hasOwn(USERS, local)) return next(DENY, 'no such user');
    next(OK);
};

exports.hook_queue = (next, connection) => {
    const users = [...new Set(connection.transaction.rcpt_to.map((rcpt) => USERS[mailbox(rcpt.user)]))];
    const name = `${Date.now()}.${process.pid}_${serial++}.haraka`;
    const draft = `/run/lab/home/${users[0]}/Maildir/tmp/${name}`;
    const out = fs.createWriteStream(draft, { mode: 0o644 });
    out.on('error', (error) => next(DENYSOFT, error.message));
    out.on('close', () => {
        for (const user of users) {
            const box = `/run/lab/home/${user}/Maildir`;
            const { uid, gid } = fs.statSync(box);
            fs.copyFileSync(draft, `${box}/tmp/${name}.copy`);
            fs.chownSync(`${box}/tmp/${name}.copy`, uid, gid);
            fs.renameSync(`${box}/tmp/${name}.copy`, `${box}/new/${name}`);
        }
        fs.unlinkSync(draft);
        next(OK, 'filed');
    });
    connection.transaction.message_stream.pipe(out, { line_endings: '\n' });
};

// Haraka asks this one after AUTH, and would send the mail out itself if nobody answered.
exports.hook_queue_outbound = exports.hook_queue;
