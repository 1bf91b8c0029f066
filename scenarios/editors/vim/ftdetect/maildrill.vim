autocmd BufNewFile,BufRead *.smtp setfiletype maildrill
