" Scripts of maildrill: who speaks, directives, codes, verdicts, variables.
if exists('b:current_syntax')
  finish
endif

syntax match maildrillComment /^#.*/
syntax match maildrillVariable /\${[^}]*}\+/ contained
syntax match maildrillEscape /\\\([rnt0\\]\|x\x\x\)/ contained

syntax match maildrillClient /^\s*C\(\[[^]]*\]\)\?:/ nextgroup=maildrillSent
syntax match maildrillSent /.*/ contained contains=maildrillVariable
syntax match maildrillOctetsTag /^\s*C!\(\[[^]]*\]\)\?:/ nextgroup=maildrillOctets
syntax match maildrillOctets /.*/ contained contains=maildrillVariable,maildrillEscape
syntax match maildrillServer /^\s*S\(\[[^]]*\]\)\?:/ nextgroup=maildrillCode skipwhite
syntax match maildrillCode /[^ -]\+/ contained nextgroup=maildrillText
syntax match maildrillText /.*/ contained contains=maildrillVerdict,maildrillVariable
syntax match maildrillExactTag /^\s*S[=~]\(\[[^]]*\]\)\?:/ nextgroup=maildrillExact
syntax match maildrillExact /.*/ contained contains=maildrillVerdict
syntax match maildrillVerdict /|\s\+\(pass\|warn\|unclear\|fail\)\>\(\s\+[0-9xyzXYZ!*\/<>A-Za-z]\+\)\?/ contained

syntax match maildrillDirective /^\s*%\(assert\|auth\|barrier\|bdat\|capture\|close\|connect\|data\|ehlo\|else\|end\|flush\|format\|if\|lax\|message\|proxy\|quiet\|repeat\|replies\|reply\|require\|reset\|secret\|secured\|segment\|set\|shutdown\|sleep\|test\|tls\|use\|within\)\>\(\[[^]]*\]\)\?/ nextgroup=maildrillArguments
syntax match maildrillArguments /.*/ contained contains=maildrillString,maildrillAttribute,maildrillVerdict,maildrillVariable
syntax match maildrillString /"[^"]*"/ contained
syntax match maildrillAttribute /\<[a-z0-9]\+\ze=/ contained
syntax region maildrillMessage matchgroup=maildrillDirective start=/^\s*%\(data\|bdat\)\(\[[^]]*\]\)\?\s\+<<\z([A-Za-z_][A-Za-z0-9_-]*\).*$/ end=/^\s*\z1\s*$/ contains=maildrillVariable

highlight default link maildrillComment Comment
highlight default link maildrillVariable Identifier
highlight default link maildrillEscape SpecialChar
highlight default link maildrillClient Statement
highlight default link maildrillOctetsTag Statement
highlight default link maildrillServer Type
highlight default link maildrillExactTag Type
highlight default link maildrillExact String
highlight default link maildrillCode Number
highlight default link maildrillVerdict Special
highlight default link maildrillDirective PreProc
highlight default link maildrillString String
highlight default link maildrillAttribute Label
highlight default link maildrillMessage String

let b:current_syntax = 'maildrill'
