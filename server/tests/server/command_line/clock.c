/* Lets a process have a clock of its own, for a test: the file that CLOCK names holds by how many
   seconds the machine's time is off, and that since its start; read each time. Where a third number
   there is not 0, each thread of the runtime that asks for the time waits for as long. A thread
   that asks for nothing but the machine's time, over and over, waits for it: then there is a file
   that TURNING names. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static void read_off(long off[3])
{
    const char *name = getenv("CLOCK");
    char text[64];
    off[0] = off[1] = off[2] = 0;
    int file = name ? (int)syscall(SYS_openat, AT_FDCWD, name, O_RDONLY | O_CLOEXEC, 0) : -1;
    if (file < 0)
        return;
    long length = syscall(SYS_read, file, text, sizeof text - 1);
    syscall(SYS_close, file);
    if (length <= 0)
        return;
    text[length] = 0;
    sscanf(text, "%ld %ld %ld", &off[0], &off[1], &off[2]);
}

static int is_of_the_runtime(void)
{
    char name[16] = "";
    prctl(PR_GET_NAME, name);
    return strncmp(name, "tokio-", 6) == 0;
}

static void note_turns(clockid_t which)
{
    static __thread long turns;
    const char *name = getenv("TURNING");
    turns = which == CLOCK_REALTIME ? turns + 1 : 0;
    if (name && turns == 10000)
        syscall(SYS_close, syscall(SYS_openat, AT_FDCWD, name, O_WRONLY | O_CREAT, 0600));
}

int clock_gettime(clockid_t which, struct timespec *time)
{
    long off[3];
    note_turns(which);
    read_off(off);
    while (off[2] && is_of_the_runtime()) {
        usleep(10000);
        read_off(off);
    }
    int failed = (int)syscall(SYS_clock_gettime, which, time);
    if (!failed && (which == CLOCK_REALTIME || which == CLOCK_REALTIME_COARSE))
        time->tv_sec += off[0];
    if (!failed && which == CLOCK_MONOTONIC)
        time->tv_sec += off[1];
    return failed;
}
