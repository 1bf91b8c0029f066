#define _XOPEN_SOURCE 700

#include "cli/play/save.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static bool write_all(int file, struct slice octets)
{
    while (octets.len > 0) {
        ssize_t written = write(file, octets.ptr, octets.len);
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return false;
        octets = slice_from(octets, (size_t)written);
    }
    return true;
}

/* Fills the file that was made for it; closes it. */
static bool fill(int file, mode_t mode, struct slice octets)
{
    bool whole = fchmod(file, mode) == 0 && write_all(file, octets);
    int reason = errno;
    if (close(file) != 0 && whole) /* some file systems say only now that there is no room */
        return false;
    errno = reason;
    return whole;
}

bool save_file(const char *path, struct slice octets)
{
    struct stat info;
    char *whole = realpath(path, NULL), *beside = NULL;
    if (whole == NULL || stat(whole, &info) != 0 || access(whole, W_OK) != 0) {
        free(whole);
        return false;
    }
    size_t size = strlen(whole) + sizeof ".XXXXXX";
    beside = malloc(size);
    if (beside == NULL)
        abort();
    snprintf(beside, size, "%s.XXXXXX", whole);
    int file = mkstemp(beside);
    bool saved =
        file >= 0 && fill(file, info.st_mode & 07777, octets) && rename(beside, whole) == 0;
    int reason = errno;
    if (file >= 0 && !saved)
        unlink(beside);
    free(whole);
    free(beside);
    errno = reason;
    return saved;
}
