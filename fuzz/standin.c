/*
 * standin: an engine in the place of honggfuzz's libhfuzz.a, for a test that another engine links:
 * it has main, initialises a target that asks for it, and hands it one input after another, over
 * and over, all in one process.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#define ROUNDS 3

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
__attribute__((weak)) int LLVMFuzzerInitialize(int *argc, char ***argv);

int main(int argc, char **argv)
{
    static uint8_t octets[1 << 16];
    unsigned inputs = 0;
    if (LLVMFuzzerInitialize != NULL)
        LLVMFuzzerInitialize(&argc, &argv);
    for (int i = 0; i < ROUNDS * (argc - 1); i++, inputs++) {
        FILE *file = fopen(argv[1 + i % (argc - 1)], "rb");
        if (file == NULL)
            return 1;
        size_t size = fread(octets, 1, sizeof octets, file);
        fclose(file);
        uint8_t *copy = malloc(size == 0 ? 1 : size);
        if (copy == NULL)
            return 1;
        for (size_t k = 0; k < size; k++)
            copy[k] = octets[k];
        LLVMFuzzerTestOneInput(copy, size);
        free(copy);
    }
    printf("%u inputs\n", inputs);
    return inputs == 0;
}
