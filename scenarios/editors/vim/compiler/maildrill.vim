" :compiler maildrill, then :make %
if exists('current_compiler')
  finish
endif
let current_compiler = 'maildrill'
CompilerSet makeprg=maildrill\ check
CompilerSet errorformat=%f:%l:%c:\ %trror:\ %m,%f:%l:%c:\ %tarning:\ %m,%f:%l:%c:\ %tote:\ %m,%-G%.%#
