/*
 * replay.c - a main for fuzz targets where libFuzzer is not at hand
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 *   cc ... fuzz_json.c replay.c ...; ./a.out corpus/json FILE ...
 *
 * Hands every file, and every file of a folder, to the target once.
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int replayed;

static int replay_file(const char *path)
{
    FILE *f = fopen(path, "rb");
    size_t n = 0, cap = 1 << 16;
    uint8_t *p = malloc(cap);

    if (f == NULL || p == NULL) {
        perror(path);
        exit(2);
    }
    while (!feof(f) && !ferror(f)) {
        n += fread(p + n, 1, cap - n, f);
        if (n == cap) {
            cap *= 2;
            uint8_t *more = realloc(p, cap);
            if (more == NULL) {
                exit(2);
            }
            p = more;
        }
    }
    fclose(f);
    uint8_t *exact = malloc(n == 0 ? 1 : n); /* ASan sees one byte beyond */
    if (exact == NULL) {
        exit(2);
    }
    memcpy(exact, p, n);
    LLVMFuzzerTestOneInput(exact, n);
    free(exact);
    free(p);
    replayed++;
    return 0;
}

static void replay(const char *path)
{
    DIR *dir = opendir(path);
    const struct dirent *entry;
    char file[1024];

    if (dir == NULL) {
        replay_file(path);
        return;
    }
    while ((entry = readdir(dir)) != NULL) {
        if (entry->d_name[0] != '.') {
            snprintf(file, sizeof file, "%s/%s", path, entry->d_name);
            replay_file(file);
        }
    }
    closedir(dir);
}

int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        replay(argv[i]);
    }
    printf("%d inputs replayed\n", replayed);
    return replayed == 0;
}
