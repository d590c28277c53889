/* A disk whose sync takes so many milliseconds more (SYNC_TAKES_MS), for a measure: that of a
   machine with a fast one, or of memory, says little of others. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <unistd.h>

static void wait_for_disk(void)
{
    const char *ms = getenv("SYNC_TAKES_MS");
    usleep(ms ? atoi(ms) * 1000 : 0);
}

int fdatasync(int fd)
{
    int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, "fdatasync");
    wait_for_disk();
    return real(fd);
}

int fsync(int fd)
{
    int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, "fsync");
    wait_for_disk();
    return real(fd);
}
