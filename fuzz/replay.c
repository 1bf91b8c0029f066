/*
 * replay: runs a fuzz target once over each file of the folders and files it is given, and with
 * "--mutate N" over N mutants of each by the target's own mutator. It is the engine where no other
 * is linked, so that any compiler replays the corpora in ctest.
 */
#define _POSIX_C_SOURCE 200809L

#include <dirent.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "custom.h"
#include "fuzz.h"

#define MUTANT_OCTETS 4096

/* Of a target that has them. */
__attribute__((weak)) size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size,
                                                     unsigned int seed);
__attribute__((weak)) size_t LLVMFuzzerCustomCrossOver(const uint8_t *data1, size_t size1,
                                                       const uint8_t *data2, size_t size2,
                                                       uint8_t *out, size_t max_out_size,
                                                       unsigned int seed);

/* The engine's mutator of octets, weak so that an engine's own takes its place. */
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size);
static struct mutate chance;
__attribute__((weak)) size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size)
{
    return mutate_octets(&chance, data, size, max_size);
}

static size_t runs;
static unsigned mutants; /* of each input */

/* Each mutant is made of the one before it, or with it; none depends on another input. */
static void run_mutants(const uint8_t *data, size_t size)
{
    chance = (struct mutate){0};
    uint8_t mutant[MUTANT_OCTETS], crossed[MUTANT_OCTETS];
    size_t len = size < sizeof mutant ? size : sizeof mutant;
    memcpy(mutant, data, len);
    for (unsigned seed = 0; seed < mutants && LLVMFuzzerCustomMutator != NULL; seed++) {
        if (seed % 16 == 0) { /* back to the seed, so that mutants stay like it */
            len = size < sizeof mutant ? size : sizeof mutant;
            memcpy(mutant, data, len);
        }
        len = LLVMFuzzerCustomMutator(mutant, len, sizeof mutant, seed);
        LLVMFuzzerTestOneInput(mutant, len);
        size_t both =
            LLVMFuzzerCustomCrossOver(data, size, mutant, len, crossed, sizeof crossed, seed);
        LLVMFuzzerTestOneInput(crossed, both);
    }
}

static void fail(const char *path)
{
    fprintf(stderr, "replay: %s: %s\n", path, strerror(errno));
    exit(2);
}

static void replay_file(const char *path, size_t size)
{
    FILE *file = fopen(path, "rb");
    uint8_t *data = malloc(size == 0 ? 1 : size);
    if (file == NULL || data == NULL || fread(data, 1, size, file) != size)
        fail(path);
    fclose(file);
    fprintf(stderr, "%s\n", path); /* the last line names the input of a crash */
    LLVMFuzzerTestOneInput(data, size);
    run_mutants(data, size);
    free(data);
    runs++;
}

static int is_shown(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

/* In the order of names: the same everywhere. */
static void replay(const char *path)
{
    struct stat info;
    if (stat(path, &info) != 0)
        fail(path);
    if (!S_ISDIR(info.st_mode)) {
        replay_file(path, (size_t)info.st_size);
        return;
    }
    struct dirent **entries;
    int count = scandir(path, &entries, is_shown, alphasort);
    if (count < 0)
        fail(path);
    for (int i = 0; i < count; i++) {
        char inner[4096];
        if (snprintf(inner, sizeof inner, "%s/%s", path, entries[i]->d_name) >= (int)sizeof inner) {
            errno = ENAMETOOLONG;
            fail(path);
        }
        free(entries[i]);
        replay(inner);
    }
    free(entries);
}

int main(int argc, char **argv)
{
    int first = 1;
    if (argc > 2 && strcmp(argv[1], "--mutate") == 0) {
        mutants = (unsigned)strtoul(argv[2], NULL, 10);
        first = 3;
    }
    for (int i = first; i < argc; i++)
        replay(argv[i]);
    printf("%zu inputs\n", runs);
    return runs == 0; /* a run of nothing is a failure */
}
