#!/bin/sh
# scenario.cli: the command line as a person meets it. Each row: what is run, the exit code, and a
# line that standard output and error together must hold.
#   usage: cli.sh MAILDRILL SOURCE_FOLDER
set -u
maildrill=$1
cd "$2" || exit 2
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
failed=0
rows=0
# Suites wait for silence: their tests wait at once, and a tenth of the time. Nothing here runs into a time-out.
export MAILDRILL_JOBS=16 MAILDRILL_TIMING_SCALE=0.1 MAILDRILL_TIMEOUT=5m

expect() { # CODE PATTERN COMMAND...
    code=$1 pattern=$2
    shift 2
    rows=$((rows + 1))
    "$@" >"$work/out" 2>&1 </dev/null
    got=$?
    if [ "$got" -ne "$code" ] || ! grep -q -e "$pattern" "$work/out"; then
        failed=$((failed + 1))
        printf 'FAILED: %s\n  exit %s, expected %s and a line with: %s\n' "$*" "$got" "$code" "$pattern"
        sed 's/^/  | /' "$work/out"
    fi
}

also() { # PATTERN: what the last command printed holds this line, too
    rows=$((rows + 1))
    if ! grep -q -e "$1" "$work/out"; then
        failed=$((failed + 1))
        printf 'FAILED: there is no line with: %s\n' "$1"
        sed 's/^/  | /' "$work/out"
    fi
}

script() { # NAME, its text on standard input
    cat >"$work/$1"
}

# usage
expect 2 'usage: maildrill' "$maildrill"
expect 0 'usage: maildrill' "$maildrill" --help
expect 0 'maildrill [0-9]' "$maildrill" --version
expect 2 'no command "walk"' "$maildrill" walk
expect 2 'unknown option: --colour' "$maildrill" run --colour x
expect 2 'needs a value: --server' "$maildrill" run x --server
expect 2 'takes no value' "$maildrill" run --quiet=1 x
expect 2 'not a value for this option: soon' "$maildrill" run --timeout soon x
expect 2 'usage: maildrill run' "$maildrill" run
expect 2 'not a server: gopher://h' "$maildrill" run scenarios/conformance --server gopher://h
expect 2 'no fault switch "no-such"' "$maildrill" run scenarios/conformance --fault no-such
expect 2 'leave out --server' "$maildrill" replay --recorded --server h:25 scenarios/transcripts
expect 0 'rcpt-before-mail' "$maildrill" serve --fault list
for command in run compare conform replay shrink fuzz import check fmt proxy serve parse help; do
    expect 0 "usage: maildrill $command" "$maildrill" "$command" --help
done

# the main job
expect 0 '^3 passed, 0 failed' "$maildrill" replay --recorded scenarios/transcripts
expect 0 ' 0 failed' "$maildrill" run scenarios/conformance
expect 0 ' 0 failed' "$maildrill" run scenarios/conformance --tls
expect 1 'wanadoo-25.txt:9:1: reply code differs' "$maildrill" replay scenarios/transcripts/wanadoo-25.txt
expect 0 '1 passed' "$maildrill" replay scenarios/transcripts/orange-ehlo.txt
# C: and S: in column 1, and sentences between them: no script, but a session
printf 'It greets:\nS: 220 a\nC: NOOP\nIt answers:\nS: 250 b\n' >"$work/prose.txt"
expect 0 '1 passed' "$maildrill" replay "$work/prose.txt"
expect 3 'prose.txt:1:1: error: no line of a script' "$maildrill" run "$work/prose.txt"
expect 1 'reply code differs' "$maildrill" run scenarios/conformance/rfc5321 --fault rcpt-before-mail

# the suites that come with it, by section
expect 0 '^[0-9]* of [0-9]* clauses were run ([0-9]* %): [0-9]* pass, [0-9]* warn, 0 fail, 0 error$' "$maildrill" conform
also '^  4\.1\.4   *[1-9][0-9]*  *[.0-9]*      \.      \. '
expect 1 '^  3\.3   *[1-9][0-9]*  *[.0-9]*  *[1-9] ' "$maildrill" conform --fault rcpt-before-mail
also '^    fail   RCPT before MAIL is out of sequence$'
also '^           .*/rfc5321/3.3.smtp:5$'
expect 1 '^    fail   LF . LF does not end a message$' "$maildrill" conform --fault lf-dot-lf
# why a test says nothing about a server that is asked from its own host
expect 5 'SKIP inconclusive: this does not hold: asked from elsewhere than 127.0.0.1, which trusts itself$' \
    "$maildrill" conform --rfc 6409#4.3 --mode submission --fault auth-not-required --report tap
expect 5 '^ *[1-9][0-9]*  the server does not offer SIZE' "$maildrill" conform --without SIZE --rfc 1870
expect 0 '^TAP version 14' "$maildrill" conform --report tap --rfc 5321#4.1
expect 4 'refused' "$maildrill" conform --server 127.0.0.1:1
expect 5 '^0 of 0 clauses' "$maildrill" conform --filter no-such
expect 2 'takes no files' "$maildrill" conform scenarios
expect 2 'has no folder conformance' "$maildrill" conform --scenarios "$work"
# ... where it is installed, it is found beside the program
mkdir -p "$work/usr/bin" "$work/usr/share/maildrill/scenarios/security" "$work/suites/conformance"
cp "$maildrill" "$work/usr/bin/maildrill"
script usr/share/maildrill/scenarios/security/installed.smtp <<'EOF'
%test "it is the installed suite"
S: 220
EOF
expect 0 '^1 of 1 clauses' "$work/usr/bin/maildrill" conform
printf '## One\nof the installed manual\n' >"$work/usr/share/maildrill/scenarios/README.md"
expect 0 'of the installed manual' "$work/usr/bin/maildrill" help one
expect 0 'it is the installed suite' "$work/usr/bin/maildrill" conform --list
script suites/conformance/one.smtp <<'EOF'
%test "a SHOULD" rfc=5321#3.1 level=SHOULD
S: 221
%test "needs what is not there"
%require fixture:nothing
S: 220
EOF
expect 0 '^    warn   a SHOULD' "$maildrill" conform --scenarios "$work/suites"
expect 0 '^no RFC' "$maildrill" conform --scenarios "$work/suites"
expect 1 '^1 of 2 clauses were run (50 %): 0 pass, 1 warn' "$maildrill" conform --scenarios "$work/suites" --strict
expect 5 '^1 of 1 clauses' "$maildrill" conform --scenarios "$work/suites" --level SHOULD --min-tests 2

# scripts with mistakes: every one is listed, and nothing is sent
script mistakes.smtp <<'EOF'
S: 220
X: EHLO
%tsl
C: EHLO ${clinet}
S: 199
S~: ^2(50
EOF
for mistake in ':2:1: error' ':3:1: error' ':4:9: error' ':5:4: error' ':6:' '5 errors'; do
    expect 3 "$mistake" "$maildrill" check "$work/mistakes.smtp"
done
expect 3 '^  = maildrill help variables$' "$maildrill" check "$work/mistakes.smtp"
expect 0 '^## Codes$' "$maildrill" help codes
expect 2 'no topic "cods"' "$maildrill" help cods
expect 2 '^Topics: lines codes ' "$maildrill" help cods
expect 3 ':5:4: error' "$maildrill" run "$work/mistakes.smtp"
expect 3 'No such file' "$maildrill" run "$work/none.smtp"
script header.txt <corpus/field/pasted-header-invalid-date
expect 3 'no SMTP dialogue' "$maildrill" import "$work/header.txt"

# scripts are laid out in one way, in place; those that come with maildrill are
expect 0 'laid out' sh -c "'$maildrill' fmt --check scenarios harness/test/language scenarios/begin/*.inc && echo laid out"
printf 'S:220\r\n\r\n\r\n%%within   2s\r\nC:QUIT\r\n' >"$work/untidy.smtp"
chmod 640 "$work/untidy.smtp"
expect 1 '/untidy.smtp$' "$maildrill" fmt --check "$work/untidy.smtp"
expect 0 '/untidy.smtp$' "$maildrill" fmt "$work/untidy.smtp"
printf 'S: 220\n\n%%within 2s\nC: QUIT\n' >"$work/tidy.smtp"
expect 0 'same' sh -c "cmp '$work/untidy.smtp' '$work/tidy.smtp' && echo same"
expect 0 '640' stat -c %a "$work/untidy.smtp"
expect 0 'laid out' sh -c "'$maildrill' fmt --check '$work/untidy.smtp' && echo laid out"
expect 0 '^C: NOOP$' sh -c "printf '  C:NOOP\n' | '$maildrill' fmt -"
expect 0 'left as it is' "$maildrill" fmt scenarios/transcripts/wanadoo-25.txt
expect 3 'No such file' "$maildrill" fmt "$work/none.smtp"

expect 2 'give --server URL' "$maildrill" proxy
expect 2 'give --server URL' "$maildrill" proxy --server h:25 "$work/none.smtp"

# logs of other programs
expect 0 '^C: EHLO me.test$' "$maildrill" import harness/test/logs/swaks.txt
expect 0 '^# line 30: the log does not show the message' "$maildrill" import harness/test/logs/curl.txt
expect 0 '^82 passed, 0 failed' "$maildrill" replay --recorded harness/test/logs/*.txt
printf 'send: "a\\q"\nreply: b"220 x"\n' >"$work/smtplib.txt"
expect 3 'smtplib.txt:1:9: error: no text as Python quotes it' "$maildrill" import "$work/smtplib.txt"
expect 0 '^# TLS from the first octet' "$maildrill" import harness/test/logs/curl-smtps.txt
printf 'The log:\nS: 220 a\nC: QUIT\nS: 221 b\n' >"$work/tagged-log.txt"
expect 0 'left out: line 1$' "$maildrill" import "$work/tagged-log.txt"
expect 3 'tagged-log.txt:1:1: error' "$maildrill" check "$work/tagged-log.txt"

# a remark on a reply is not taken for the reply
script announced.smtp <<'EOF'
S: 220
C: EHLO x
S: 250
%ehlo -HELP
EOF
expect 1 '^   ^ EHLO does not announce what it should: announced: HELP (' "$maildrill" run "$work/announced.smtp" --report junit
expect 1 '</b>EHLO does not\|^ </b>EHLO does not announce what it should: announced: HELP; line 4' "$maildrill" run "$work/announced.smtp" --report html

# no connection
expect 4 'refused' "$maildrill" run scenarios/conformance --server 127.0.0.1:1
expect 4 'cannot resolve' "$maildrill" run scenarios/conformance --server smtp://nowhere.invalid

# import prints a script that loads
for transcript in scenarios/transcripts/*.txt; do
    "$maildrill" import "$transcript" >"$work/imported.smtp"
    expect 0 ' 0 errors' "$maildrill" check "$work/imported.smtp"
    expect 0 '1 passed' "$maildrill" replay --recorded --user tester --pass secret "$work/imported.smtp"
done
# without what was said to log in, plain or in base64, also where the file has tags already
printf '220 a\nAUTH PLAIN AGJvYgBodW50ZXIy\n535 not hunter2\nAUTH X-KEY aHVudGVyMg==\n504 b\n' >"$work/login.txt"
"$maildrill" import --keep-secrets "$work/login.txt" >"$work/login.smtp"
expect 0 '^C: AUTH PLAIN AGJvYgBodW50ZXIy$' cat "$work/login.smtp"
for file in login.txt login.smtp; do
    "$maildrill" import "$work/$file" >"$work/masked.smtp"
    expect 0 '^%auth PLAIN$' cat "$work/masked.smtp"
    expect 0 '^C: AUTH X-KEY [$]{response1}$' cat "$work/masked.smtp"
    expect 0 '^0$' sh -c 'grep -c -e hunter2 -e AGJvYgBodW50ZXIy -e aHVudGVyMg "$1" || true' - "$work/masked.smtp"
    expect 5 'needs fixture:response1 (--set response1=VALUE)' "$maildrill" run "$work/masked.smtp"
done
expect 0 '^# line 16: ' "$maildrill" import scenarios/transcripts/wanadoo-25.txt
expect 0 '^C: \.$' "$maildrill" import scenarios/transcripts/gmail-submission.txt
expect 0 '^%tls' "$maildrill" import scenarios/transcripts/gmail-submission.txt

# verdicts and variables
script skip.smtp <<'EOF'
%require ehlo:NOSUCHTHING
S: 220
C: EHLO ${client}
S: 250
EOF
expect 5 'NOSUCHTHING' "$maildrill" run "$work/skip.smtp"
script set.smtp <<'EOF'
S: 220
C: EHLO ${name}
S: 250
C: NOOP
S: 250 | warn 5xx
EOF
expect 3 'name' "$maildrill" check "$work/set.smtp"
expect 0 '1 passed' "$maildrill" run "$work/set.smtp" --set name=a.example
script closes.smtp <<'EOF'
S: 220
C: QUIT
S: 221
S: <EOF>
EOF
expect 0 '1 passed' "$maildrill" run "$work/closes.smtp"

# no report shows a secret, plain or in base64, also where the test fails
script secret.smtp <<'EOF'
S: 220
C: EHLO ${client}
S: 250
C: STARTTLS
S: 220
%tls
C: EHLO ${client}
S: 250
C: AUTH PLAIN ${b64:\0${user}\0${pass}}
S: 535
C: NOOP ${pass}
S: 500
EOF
expect 1 'AUTH PLAIN \*\*\*\*' "$maildrill" run "$work/secret.smtp" --pass hunter2hunter2
expect 1 'AUTH PLAIN \*\*\*\*' "$maildrill" replay "$work/secret.smtp" --pass hunter2hunter2
for secret in hunter2 "$(printf '\0tester\0hunter2hunter2' | openssl base64)"; do
    if grep -q -F -e "$secret" "$work/out"; then
        failed=$((failed + 1))
        echo "FAILED: a report shows $secret"
    fi
done

# authentication by each mechanism under TLS, against the reference server, which does not use GNU SASL
for mechanism in PLAIN 'PLAIN initial=no' LOGIN CRAM-MD5 SCRAM-SHA-1 SCRAM-SHA-256; do
    script auth.smtp <<EOF
S: 220
C: EHLO c.example.test
S: 250
C: STARTTLS
S: 220
%tls verify=host
%secured version /^TLSv1\.3\$/
%secured verified /^ok\$/
C: EHLO c.example.test
S: 250
%auth $mechanism
C: QUIT
S: 221
EOF
    expect 0 '^1 passed' "$maildrill" run "$work/auth.smtp"
    expect 1 'sent: AUTH .* \*\*\*\*' "$maildrill" run "$work/auth.smtp" --fault auth-code
done
expect 1 'authentication failed on our side' "$maildrill" run "$work/auth.smtp" --fault scram-signature
expect 1 'got: 235 before the exchange was over' "$maildrill" run "$work/auth.smtp" --fault scram-no-final
expect 4 'is not the one of the pin' "$maildrill" run "$work/auth.smtp" \
    --pin 0000000000000000000000000000000000000000000000000000000000000000

# both sides of a script over a Unix socket, bound to the TLS channel
script both.smtp <<'EOF'
S: 220
C: EHLO c.example.test
S: 250
C: STARTTLS
S: 220
%tls verify=none
C: EHLO c.example.test
S: 250
%auth SCRAM-SHA-256-PLUS user=bob pass=two
S: 235
C: QUIT
S: 221
EOF
"$maildrill" serve "$work/both.smtp" --once --listen "unix:$work/socket" >"$work/served" 2>&1 &
server=$!
while ! grep -q '^listening on' "$work/served" && kill -0 "$server" 2>/dev/null; do :; done
expect 0 '^1 passed' "$maildrill" run "$work/both.smtp" --server "unix:$work/socket"
wait "$server"
expect 0 '^1 passed' cat "$work/served"
expect 4 'no such file' "$maildrill" run "$work/both.smtp" --server "unix:$work/nowhere"

# each parser from the command line
parses() { # KIND INPUT PATTERN
    rows=$((rows + 1))
    printf "$2" | "$maildrill" parse "$1" >"$work/out" 2>&1
    if ! grep -q -F -e "$3" "$work/out"; then
        failed=$((failed + 1))
        printf 'FAILED: parse %s of %s lacks %s\n' "$1" "$2" "$3"
        sed 's/^/  | /' "$work/out"
    fi
}
parses command 'MAIL FROM: a@b SIZE=1\r\n' '"quirks":["space-before-path","no-brackets"],"verb":"MAIL"'
parses command 'MAIL x\r\n' '"status":"error"'
parses command 'NOOP' '{"status":"more"}'
parses reply '550 5.1.1 no\r\n' '"enhanced_status_code":"5.1.1","enhanced_meaning":"bad destination mailbox address"'
parses ehlo '250-h\r\n250 AUTH=PLAIN\r\n' '"quirks":["auth-equals"]'
parses data 'a\r\n..b\r\n.\r\n' '"content":"a\r\n.b\r\n"'
parses fields 'Subject : a\r\n b\r\n\r\n' '"kind":"header-end"'
parses path '<a@[192.0.2.1]>' '"domain_kind":"ipv4"'
parses params 'SIZE=1 X' '{"keyword":"SIZE","value":"1","typed":1,"quirks":[]}'
parses date 'Fry, 18 Dec 17 14:36:00 +0100 GMT\r\n' '"timestamp":1513604160,"canonical":"18 Dec 2017 14:36:00 +0100"'
parses date '32 Smarch 2017' '"error_offset":3'
parses received 'from a (b [IPv6:::1]) by c with ESMTPS; 18 Dec 2017 14:36 -0000\r\n' '"tcp_address":"::1","by":"c","via":null,"with":"ESMTPS","with_registered":true'
parses command 'NOOP \377\r\n' '{"hex":"ff"}'
printf '250-a\n250 b\n' >"$work/reply"
for how in '^{"status":"ok","consumed":12' '^{"status":"more"}.--each-line'; do
    # shellcheck disable=SC2016
    expect 0 "${how%.--*}" sh -c '"$1" parse reply $3 <"$2"' sh "$maildrill" "$work/reply" "$(expr "$how" : '.*\(--each-line\)')"
done

printf '%s rows, %s failed\n' "$rows" "$failed"
[ "$rows" -gt 0 ] && [ "$failed" -eq 0 ]
