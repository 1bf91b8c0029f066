#define _XOPEN_SOURCE 700

#include "cli/play/shipped.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

bool shipped_is_folder(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0 && S_ISDIR(info.st_mode);
}

const char *shipped_scenarios(char *out, size_t size)
{
    char program[3000];
    ssize_t len = readlink("/proc/self/exe", program, sizeof program - 1);
    if (len > 0) {
        program[len] = '\0';
        char *slash = strrchr(program, '/');
        *slash = '\0';
        snprintf(out, size, "%s/" MAILDRILL_SHARE "/scenarios", program);
        char *plain = realpath(out, NULL);
        if (plain != NULL && shipped_is_folder(plain)) {
            snprintf(out, size, "%s", plain);
            free(plain);
            return out;
        }
        free(plain);
    }
    return MAILDRILL_SOURCE "/scenarios";
}
