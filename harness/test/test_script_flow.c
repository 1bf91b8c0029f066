/* Other files, branches, loops, messages and generated text: what they load to. */
#include "law.h"
#include "printed.h"

/* clang-format off */
static const struct printed_row used[] = {
    {"%use", SLICE_INIT("%use hello.smtp\nC: QUIT\nS: 221\n"),
     "test 1 MUST t.smtp\n"
     "5:4 expect 220 decides line \n"
     "6:4 send command [EHLO ]<client>[\\r\\n]\n"
     "7:4 expect 250 decides line  to 1\n"
     "2:4 send command [QUIT\\r\\n]\n"
     "3:4 expect 221 decides line  to 3\n"},
    {"%use of a file that uses others, twice, relative to itself", SLICE_INIT("%use sub/deep.smtp\n%use ./sub/../sub/more.smtp\n"),
     "test 1 MUST t.smtp\n"
     "6:4 expect 220 decides line \n"
     "7:4 send command [EHLO ]<client>[\\r\\n]\n"
     "8:4 expect 250 decides line  to 1\n"
     "9:4 send command [NOOP\\r\\n]\n"
     "10:4 expect 250 decides line  to 3\n"
     "9:4 send command [NOOP\\r\\n]\n"
     "10:4 expect 250 decides line  to 5\n"},
    {"what a used file sets holds for every test", SLICE_INIT("%use sets.smtp\n%test \"a\"\nC: ${hi}\n%test \"b\"\nC: ${hi}\n"),
     "test 2 MUST a 7:10 tls\n"
     "3:4 send command [NOOP\\r\\n] lax\n"
     "test 4 MUST b 7:10 tls\n"
     "5:4 send command [NOOP\\r\\n] lax\n"},
    {"%data @file, %bdat @file", SLICE_INIT("S: 220\nC: DATA\nS: 354\n%data @a.eml\nS: 250\n%bdat @a.eml last\nS: 250\nC: DATA\nS: 354\n%data @empty\nS: 250\n"),
     "test 1 MUST t.smtp\n"
     "1:4 expect 220 decides line \n"
     "2:4 send command [DATA\\r\\n]\n"
     "3:4 expect 354 decides line  to 1\n"
     "4:1 send message [a: b\\r\\n\\r\\n..${x}\\r\\nno end\\r\\n]\n"
     "4:1 send message [.\\r\\n] ends\n"
     "5:4 expect 250 decides line  to 4\n"
     "6:1 send chunk <chunk 0 last ends of [a: b\\r\\n\\n.${x}\\nno end]>\n"
     "7:4 expect 250 decides line  to 6\n"
     "8:4 send command [DATA\\r\\n]\n"
     "9:4 expect 354 decides line  to 8\n"
     "10:1 send message [.\\r\\n] ends\n"
     "11:4 expect 250 decides line  to 10\n"},
    {"mistakes in used files have their place", SLICE_INIT("%use wrong.smtp\n"),
     "error 3:1:4 unknown directive; did you mean %tls?\n"
     "error 4:4:3 the reply does not end: its last line has no \"-\"\n"},
    {"mistakes of %use", SLICE_INIT("%use\n%use none.smtp\n%use self.smtp\n%use open.smtp\n%if secure\n%use end.smtp\n%end\n"),
     "error 1:1:4 a file follows: %use prelude.smtp\n"
     "error 2:6:9 cannot read none.smtp\n"
     "error 8:6:9 the file would use itself\n"
     "error 9:1:3 no %end closes it\n"
     "error 10:1:5 a test begins in the script itself, not in a file that %use plays\n"
     "error 11:1:4 no %if or %repeat stands before it\n"
     "error 12:1:5 no %if stands before it\n"},
};

static const struct printed_row flows[] = {
    {"%if, %else", SLICE_INIT("S: 220\n%if ehlo VRFY\nC: VRFY\nS: 250\n%else\nC: NOOP\nS: 250\n%end\nC: QUIT\nS: 221\n"),
     "test 1 MUST t.smtp\n"
     "1:4 expect 220 decides line \n"
     "2:1 if ehlo VRFY -> 5\n"
     "3:4 send command [VRFY\\r\\n]\n"
     "4:4 expect 250 decides line  to 2\n"
     "5:1 else -> 7\n"
     "6:4 send command [NOOP\\r\\n]\n"
     "7:4 expect 250 decides line  to 5\n"
     "8:1 end\n"
     "9:4 send command [QUIT\\r\\n]\n"
     "10:4 expect 221 decides line  to 8\n"},
    {"conditions", SLICE_INIT("%if !ehlo AUTH=PLAIN\n%if reply !503/<EOF>\n%if reply /^a b\\/c/\n%if secure\n%if !creds\nC: a\n%end\n%end\n%end\n%end\n%end\n%if port:mx|lmtp\n%end\n%if !fixture:x\n%end\n"),
     "test 1 MUST t.smtp\n"
     "1:1 if !ehlo AUTH=PLAIN -> 10\n"
     "2:1 if reply !503/<EOF> -> 9\n"
     "3:1 if pattern -> 8\n"
     "4:1 if secure -> 7\n"
     "5:1 if !feature creds -> 6\n"
     "6:4 send command [a\\r\\n]\n"
     "7:1 end\n"
     "8:1 end\n"
     "9:1 end\n"
     "10:1 end\n"
     "11:1 end\n"
     "12:1 if feature port:mx|lmtp -> 12\n"
     "13:1 end\n"
     "14:1 if !feature fixture:x -> 14\n"
     "15:1 end\n"},
    {"354 or not", SLICE_INIT("S: 220\nC: DATA\nS: 354/503\n%if reply 354\nC: .\nS: 5xx\n%else\nC: QUIT\nS: 221\n%end\nC: QUIT\nS: 221\n"),
     "test 1 MUST t.smtp\n"
     "1:4 expect 220 decides line \n"
     "2:4 send command [DATA\\r\\n]\n"
     "3:4 expect 354/503 decides line  to 1\n"
     "4:1 if reply 354 -> 7\n"
     "5:4 send message [.\\r\\n] ends\n"
     "6:4 expect 5xx decides line  to 4\n"
     "7:1 else -> 9\n"
     "8:4 send command [QUIT\\r\\n]\n"
     "9:4 expect 221 decides line  to 7\n"
     "10:1 end\n"
     "11:4 send command [QUIT\\r\\n]\n"
     "12:4 expect 221 decides line  to 10\n"},
    {"any reply, then 354", SLICE_INIT("S: 220\nC: DATA\nS: *\n%if !reply 354\nC: NOOP\nS: 250\n%else\nC: .\nS: 554\n%end\n"),
     "test 1 MUST t.smtp\n"
     "1:4 expect 220 decides line \n"
     "2:4 send command [DATA\\r\\n]\n"
     "3:4 expect * decides line  to 1\n"
     "4:1 if !reply 354 -> 7\n"
     "5:4 send command [NOOP\\r\\n]\n"
     "6:4 expect 250 decides line  to 4\n"
     "7:1 else -> 9\n"
     "8:4 send message [.\\r\\n] ends\n"
     "9:4 expect 554 decides line  to 7\n"
     "10:1 end\n"},
    {"334 or not", SLICE_INIT("S: 220\nC: AUTH PLAIN\nS: 334/501\n%if reply 501\nC: NOOP\n%else\nC: *\n%end\nS: *\n"),
     "test 1 MUST t.smtp\n"
     "1:4 expect 220 decides line \n"
     "2:4 send command [AUTH PLAIN\\r\\n]\n"
     "3:4 expect 334/501 decides line  to 1\n"
     "4:1 if reply 501 -> 6\n"
     "5:4 send command [NOOP\\r\\n]\n"
     "6:1 else -> 7\n"
     "7:4 send auth [*\\r\\n] secret after 0\n"
     "8:1 end\n"
     "9:4 expect * decides line  to 6\n"},
    {"%repeat", SLICE_INIT("S: 220\n%repeat 3\nC: RCPT ${n}\n%repeat ${given + 1}\nC: ${n}\n%end\n%end\n"),
     "test 1 MUST t.smtp\n"
     "1:4 expect 220 decides line \n"
     "2:1 repeat depth 0 [3] -> 7\n"
     "3:4 send command [RCPT ]<round 0>[\\r\\n]\n"
     "4:1 repeat depth 1 <number + 1/1 of <given>> -> 6\n"
     "5:4 send command <round 1>[\\r\\n]\n"
     "6:1 again -> 4\n"
     "7:1 again -> 2\n"},
    {"%repeat until", SLICE_INIT("S: 220\n%repeat until reply !250/251 max 100\nC: a\nS: *\n%end\n%repeat 5 until secure\nC: b\nS: *\n%end\n"),
     "test 1 MUST t.smtp\n"
     "1:4 expect 220 decides line \n"
     "2:1 repeat depth 0 [100] -> 5\n"
     "3:4 send command [a\\r\\n]\n"
     "4:4 expect * decides line  to 2\n"
     "5:1 again reply !250/251 -> 2\n"
     "6:1 repeat depth 0 [5] -> 9\n"
     "7:4 send command [b\\r\\n]\n"
     "8:4 expect * decides line  to 6\n"
     "9:1 again secure -> 6\n"},
    {"%bdat", SLICE_INIT("S: 220\n%bdat <<EOT last\n.a ${given}\nEOT\nS: 250\n%bdat <<E\nE\nS: 250\n"),
     "test 1 MUST t.smtp\n"
     "1:4 expect 220 decides line \n"
     "2:1 send chunk <chunk 0 last ends of [.a ]<given>[\\r\\n]>\n"
     "5:4 expect 250 decides line  to 1\n"
     "6:1 send chunk <chunk 0 last of >\n"
     "8:4 expect 250 decides line  to 3\n"},
    {"%bdat in chunks", SLICE_INIT("S: 220\n%bdat <<EOT last chunk=10\nabc\nEOT\nS: 250\n"),
     "test 1 MUST t.smtp\n"
     "1:4 expect 220 decides line \n"
     "2:1 repeat depth 0 <chunks 10 of [abc\\r\\n]> -> 5\n"
     "2:1 send chunk <chunk 10 of [abc\\r\\n]>\n"
     "2:1 expect 250 decides line  to 2\n"
     "2:1 again -> 2\n"
     "2:1 send chunk <chunk 10 last ends of [abc\\r\\n]>\n"
     "5:4 expect 250 decides line  to 5\n"},
};

static const struct printed_row generated[] = {
    {"times", SLICE_INIT("C: ${64*x} ${3*${2*ab}${given}} ${0*x}${1*}\n"),
     "test 1 MUST t.smtp\n"
     "1:4 send command <64 times [x]>[ ]<3 times <2 times [ab]><given>>[ ]<0 times [x]><1 times >[\\r\\n]\n"},
    {"functions", SLICE_INIT("C: ${upper:${domain:${rcpt}}} ${backslash:${local:${rcpt}}} ${xtext:a+b} ${len:${given}} ${unb64:eA==} ${lower:A}\n"),
     "test 1 MUST t.smtp\n"
     "1:4 send command <upper <domain <rcpt>>>[ ]<backslash <local <rcpt>>>[ ]<xtext [a+b]>[ ]<len <given>>[ ]<unb64 [eA==]>[ ]<lower [A]>[\\r\\n]\n"},
    {"functions and defaults", SLICE_INIT("C: ${len:-x}${octets:\\r\\x41${given}}${b64:-}\n"),
     "test 1 MUST t.smtp\n"
     "1:4 send command <len=x>[\\rA]<given><b64 [-]>[\\r\\n]\n"},
    {"numbers", SLICE_INIT("%set s=12\nC: ${ehlo.SIZE+1} ${ehlo.SIZE*1.1/1000+1} ${given - 1} ${given max 120}${given min 2}${s*2} ${ehlo.LIMITS.RCPTMAX + 1}\n"),
     "test 1 MUST t.smtp\n"
     "2:4 send command <number + 1/1 of <ehlo.SIZE>>[ ]<number * 11/10 / 1000/1 + 1/1 of <ehlo.SIZE>>[ ]<number - 1/1 of <given>>[ ]<number > 120/1 of <given>><number < 2/1 of <given>><number * 2/1 of [12]>[ ]<number + 1/1 of <ehlo.LIMITS.RCPTMAX>>[\\r\\n]\n"},
    {"dates", SLICE_INIT("C: ${now} ${now+60s} ${now-1h} ${now:rfc3339} ${now+7d:rfc3339} ${now+1m}\n"),
     "test 1 MUST t.smtp\n"
     "1:4 send command <date +0>[ ]<date +60>[ ]<date -3600>[ ]<date +0 rfc3339>[ ]<date +604800 rfc3339>[ ]<date +60>[\\r\\n]\n"},
    {"parameters of EHLO", SLICE_INIT("C: ${ehlo.AUTH.1} ${ehlo.LIMITS.RCPTMAX} ${ehlo.MT-PRIORITY}\n"),
     "test 1 MUST t.smtp\n"
     "1:4 send command <ehlo.AUTH.1>[ ]<ehlo.LIMITS.RCPTMAX>[ ]<ehlo.MT-PRIORITY>[\\r\\n]\n"},
    {"wrong text", SLICE_INIT("C: ${16777217*x}\nC: ${3*x\nC: ${upper:a\nC: ${given+}\nC: ${given*1.2345}\nC: ${given/0}\nC: ${given + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1}\nC: ${nothing+1}\n"
                         "C: ${now+60}\nC: ${now+s}\nC: ${now:rfc}\nC: ${ehlo.A.}\nC: ${n}\nC: ${given + x}\n"),
     "error 1:4:11 too often: 16777216 times at most\n"
     "error 2:4:2 no } ends this ${; $${ is ${ itself\n"
     "error 3:4:2 no } ends this ${; $${ is ${ itself\n"
     "error 4:4:9 no number follows: ${ehlo.SIZE*1.1+1}, ${ehlo.SIZE - 1}, from left to right\n"
     "error 5:4:15 no number follows: ${ehlo.SIZE*1.1+1}, ${ehlo.SIZE - 1}, from left to right\n"
     "error 6:4:10 no number follows: ${ehlo.SIZE*1.1+1}, ${ehlo.SIZE - 1}, from left to right\n"
     "error 7:4:44 too long: 8 operations at most\n"
     "error 8:4:12 undefined variable: %set, %capture and --set define them\n"
     "error 9:4:9 no variable: ${name} or ${name:-default}; $${ is ${ itself\n"
     "error 10:4:8 no variable: ${name} or ${name:-default}; $${ is ${ itself\n"
     "error 11:4:10 no variable: ${name} or ${name:-default}; $${ is ${ itself\n"
     "error 12:4:10 no variable: ${name} or ${name:-default}; $${ is ${ itself\n"
     "error 13:4:4 undefined variable: %set, %capture and --set define them\n"
     "error 14:4:12 no number follows: ${ehlo.SIZE*1.1+1}, ${ehlo.SIZE - 1}, from left to right\n"},
};

static const struct printed_row assertions[] = {
    {"%reply", SLICE_INIT("S: 220\n%reply 220/221 | warn 2xx | unclear 421\n%reply /^2/\n%reply every /a\\/b/ | warn\n%reply no /x | y/ | fail\n"
                          "%reply first /a/\n%reply last /a/\n%reply others /a/\n%reply raw /\\r\\n$/\n%reply 2xx | warn\n%reply <quiet>/<alert>\n"),
     "test 1 MUST t.smtp decisive\n"
     "1:4 expect 220 line \n"
     "2:1 assert reply code 220/221 warn 2xx unclear 421 | fail\n"
     "3:1 assert reply some\n"
     "4:1 assert reply every | warn\n"
     "5:1 assert reply no | fail\n"
     "6:1 assert reply first\n"
     "7:1 assert reply last\n"
     "8:1 assert reply other\n"
     "9:1 assert reply raw\n"
     "10:1 assert reply code 2xx | warn\n"
     "11:1 assert reply code <quiet>/<alert>\n"},
    {"%replies", SLICE_INIT("S: 220\n%replies well-formed\n%replies crlf | fail\n%replies ascii\n%replies length<=512 | unclear\n%replies enhanced\n"
                            "%replies no-enhanced\n%replies 2xx/5xx | warn\n%reply same-enhanced\n%reply enhanced-class\n%replies registered\n"),
     "test 1 MUST t.smtp decisive\n"
     "1:4 expect 220 line \n"
     "2:1 assert replies form\n"
     "3:1 assert replies crlf | fail\n"
     "4:1 assert replies ascii\n"
     "5:1 assert replies length 512 | unclear\n"
     "6:1 assert replies enhanced\n"
     "7:1 assert replies no-enhanced\n"
     "8:1 assert replies code 2xx/5xx | warn\n"
     "9:1 assert reply same-enhanced\n"
     "10:1 assert reply enhanced-class\n"
     "11:1 assert replies registered\n"},
    {"%assert", SLICE_INIT("%require fixture:list ehlo:SIZE>0 ehlo:AUTH=PLAIN port:mx|submission\nS: 220\n%assert ${given} = a b\n%assert ${len:${given} } >= 10 | warn\n"
                           "%assert ${ehlo.SIZE} ~ /^[0-9]*$/ | fail\n%assert a !~ /=/\n%assert ${list} != ${given}\n%assert 1 < 2\n%assert 1 <= 2\n%assert 1 > 2\n"),
     "warning 1:1:5 %require ehlo: has no effect: the test sends no EHLO\n"
     "test 1 MUST t.smtp 1:10 fixture:list 1:23 ehlo:SIZE>0 1:35 ehlo:AUTH=PLAIN 1:51 port:mx|submission decisive\n"
     "2:4 expect 220 line \n"
     "3:1 assert text <given> 0 [a b]\n"
     "4:1 assert text <len <given>[ ]> 5 [10] | warn\n"
     "5:1 assert text <ehlo.SIZE> 6  | fail\n"
     "6:1 assert text [a] 7 \n"
     "7:1 assert text <list> 1 <given>\n"
     "8:1 assert text [1] 2 [2]\n"
     "9:1 assert text [1] 3 [2]\n"
     "10:1 assert text [1] 4 [2]\n"},
    {"%ehlo and %quiet", SLICE_INIT("S: 220\n%ehlo +SIZE>10 unique registered -AUTH=PLAIN | warn\n%quiet 1s | warn 5xx/<EOF> | unclear 421\n%quiet 2s | fail\n%quiet 1s | unclear\n"),
     "test 1 MUST t.smtp decisive\n"
     "1:4 expect 220 line \n"
     "2:1 ehlo +>10 of SIZE unique registered -AUTH=PLAIN | warn\n"
     "3:1 quiet 1000 warn 5xx/<EOF> unclear 421 | fail\n"
     "4:1 quiet 2000 | fail\n"
     "5:1 quiet 1000 | unclear\n"},
    {"conditions that compare", SLICE_INIT("%if ${given} = a\nC: a\n%end\n%if ${given} ~ /a b/\nC: a\n%end\n%repeat until ${n} >= 3 max 5\nC: a\n%end\n"),
     "test 1 MUST t.smtp\n"
     "1:1 if compare -> 2\n"
     "2:4 send command [a\\r\\n]\n"
     "3:1 end\n"
     "4:1 if compare -> 5\n"
     "5:4 send command [a\\r\\n]\n"
     "6:1 end\n"
     "7:1 repeat depth 0 [5] -> 9\n"
     "8:4 send command [a\\r\\n]\n"
     "9:1 again compare -> 7\n"},
    {"wrong", SLICE_INIT("%reply\n%reply evrey /a/\n%reply every\n%reply every //\n%reply 999\n%reply /a/ b\n%reply ascii | wran\n%reply length<=\n"),
     "error 1:1:6 codes, a pattern or what the lines are like follows: %reply 503, %reply every /^2/, %reply ascii\n"
     "error 2:8:5 codes, a pattern or what the lines are like follows: %reply 503, %reply every /^2/, %reply ascii; did you mean every?\n"
     "error 3:1:6 a pattern stands between two /\n"
     "error 4:14:2 a pattern stands between two /\n"
     "error 4:14:2 nothing may follow here\n"
     "error 5:8:3 no reply code: 200 to 599, x for any digit, * or <EOF>\n"
     "error 6:12:1 nothing may follow here\n"
     "error 7:16:4 no verdict: fail, warn or unclear; did you mean warn?\n"
     "error 8:8:8 codes, a pattern or what the lines are like follows: %reply 503, %reply every /^2/, %reply ascii\n"},
    {"wrong ones", SLICE_INIT("%ehlo +A>x\n%ehlo unique now\n%quiet 1s | pass 250\n%assert\n%assert a b\n%assert ${x} = 1\n%assert a ~ b\n%require ehlo:A> port:x fixture:1\nC: a\n"),
     "error 1:7:4 no claim: +KEYWORD, -KEYWORD, +KEYWORD=PARAM, unique or registered\n"
     "error 2:14:3 no claim: +KEYWORD, -KEYWORD, +KEYWORD=PARAM, unique or registered\n"
     "error 3:1:6 what passes is that nothing arrives; warn or unclear may follow\n"
     "error 4:1:7 a comparison follows: ${a} = text, ${a} >= 10, ${a} ~ /pattern/\n"
     "error 5:9:3 a comparison follows: ${a} = text, ${a} >= 10, ${a} ~ /pattern/\n"
     "error 6:9:4 undefined variable: %set, %capture and --set define them\n"
     "error 7:13:1 a pattern stands between two /\n"
     "error 7:13:1 nothing may follow here\n"
     "error 8:10:7 no EHLO keyword\n"
     "error 8:18:6 unknown requirement\n"
     "error 8:25:9 unknown requirement\n"},
    {"too many", SLICE_INIT("%replies crlf\n%replies crlf\n%replies crlf\n%replies crlf\n%replies crlf\n%replies crlf\n%replies crlf\n%replies crlf\n%replies crlf\n"),
     "error 9:1:8 too many: a test may have 8 %replies\n"},
};

static const struct printed_row wrong_flows[] = {
    {"blocks", SLICE_INIT("%end\n%else\n%if secure\n%else\n%else\n%end\n%repeat 3\n%else\n%end now\nC: a\n%if secure\n%repeat 2\n"),
     "error 1:1:4 no %if or %repeat stands before it\n"
     "error 2:1:5 no %if stands before it\n"
     "error 5:1:5 no %if stands before it\n"
     "error 8:1:5 no %if stands before it\n"
     "error 9:6:3 nothing may follow here\n"
     "error 11:1:3 no %end closes it\n"
     "error 12:1:7 no %end closes it\n"},
    {"no conditions", SLICE_INIT("%if\n%end\n%if ehlo\n%end\n%if ehlo A=\n%end\n%if reply\n%end\n%if reply 999\n%end\n%if reply //\n%end\n%if reply /(/\n%end\n%if cerds\n%end\n%if secure x\n%end\n"),
     "error 1:1:3 no condition: ehlo KEY, reply CODES, secure, or a word of %require\n"
     "error 3:1:3 a keyword follows: ehlo SIZE, ehlo AUTH=PLAIN\n"
     "error 5:10:2 a keyword follows: ehlo SIZE, ehlo AUTH=PLAIN\n"
     "error 7:1:3 codes or a pattern follow: reply 503/554, reply /pattern/\n"
     "error 9:11:3 no reply code: 200 to 599, x for any digit, * or <EOF>\n"
     "error 11:11:2 a pattern stands between two /\n"
     "error 13:13:1 bad pattern: missing closing parenthesis\n"
     "error 15:5:5 no condition: ehlo KEY, reply CODES, secure, or a word of %require; did you mean creds?\n"
     "error 17:12:1 nothing may follow here\n"},
    {"counts", SLICE_INIT("%repeat\n%end\n%repeat x\n%end\n%repeat 1000001\n%end\n%repeat 5 x\n%end\n%repeat until secure\n%end\n%repeat until secure max\n%end\n%repeat 3 until\n%end\n"),
     "error 1:1:7 a number of rounds, at most 1000000\n"
     "error 3:9:1 a number of rounds, at most 1000000\n"
     "error 5:9:7 a number of rounds, at most 1000000\n"
     "error 7:11:1 until and a condition may follow\n"
     "error 9:1:7 a bound is missing: %repeat until reply !250 max 100\n"
     "error 11:1:7 a number of rounds, at most 1000000\n"
     "error 13:1:7 no condition: ehlo KEY, reply CODES, secure, or a word of %require\n"},
    {"too deep", SLICE_INIT("%if secure\n%if secure\n%if secure\n%if secure\n%if secure\n%if secure\n%if secure\n%if secure\n%if secure\nC: a\n%end\n%end\n%end\n%end\n%end\n%end\n%end\n%end\n"),
     "error 9:1:3 %if and %repeat stand in each other more than 8 times\n"},
    {"%bdat that is wrong", SLICE_INIT("%bdat\n%bdat x\n%bdat <<E chunk=0\nE\n%bdat <<E chunk=x\nE\n%bdat <<E first\nE\n%bdat <<E last\n"),
     "error 1:1:5 a word that ends the text, or a file: <<EOT, @message.eml\n"
     "error 2:7:1 a word that ends the text, or a file: <<EOT, @message.eml\n"
     "error 3:11:7 chunk= is a number of octets\n"
     "error 5:11:7 last or chunk=N may follow\n"
     "error 7:11:5 last or chunk=N may follow\n"
     "error 9:9:1 no line with this word ends the text\n"},
};
/* clang-format on */

static void other_files(void **state)
{
    (void)state;
    CHECK_ROWS(used);
}

static void branches_and_loops(void **state)
{
    (void)state;
    CHECK_ROWS(flows);
}

static void text_that_is_made(void **state)
{
    (void)state;
    CHECK_ROWS(generated);
}

static void what_holds(void **state)
{
    (void)state;
    CHECK_ROWS(assertions);
}

static void mistakes(void **state)
{
    (void)state;
    CHECK_ROWS(wrong_flows);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(other_files),       cmocka_unit_test(branches_and_loops),
        cmocka_unit_test(text_that_is_made), cmocka_unit_test(what_holds),
        cmocka_unit_test(mistakes),
    };
    return cmocka_run_group_tests_name("script_flow", tests, NULL, NULL);
}
