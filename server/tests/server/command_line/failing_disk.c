/* Lets the syncing of files fail, for a test: while there is a file named by SYNC_FAILS. Where it
   holds “once”, one sync of RocksDB's log fails, and the file is gone; else each of any file. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int fails(int fd)
{
    const char *file = getenv("SYNC_FAILS");
    char word[5] = "", link[64], path[512];
    FILE *said = file ? fopen(file, "r") : NULL;
    if (!said)
        return 0;
    size_t length = fread(word, 1, sizeof word - 1, said);
    fclose(said);
    word[length] = 0;
    if (strcmp(word, "once") == 0) {
        snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
        ssize_t read = readlink(link, path, sizeof path - 1);
        if (read < 4 || strncmp(path + read - 4, ".log", 4) != 0)
            return 0;
        unlink(file);
    }
    errno = EIO;
    return 1;
}

int fdatasync(int fd)
{
    int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, "fdatasync");
    return fails(fd) ? -1 : real(fd);
}

int fsync(int fd)
{
    int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, "fsync");
    return fails(fd) ? -1 : real(fd);
}
