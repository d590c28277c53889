/* A disk that fails, for a test: while there is a file named by FAILS_WHEN, what is asked of files
   below FAILS_BELOW fails with an input/output error. It holds “r” for reading, “w” for writing,
   taking room and syncing. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

static int fails(int fd, char what)
{
    const char *when = getenv("FAILS_WHEN"), *below = getenv("FAILS_BELOW");
    char link[64], path[4096], said[4] = "";
    int before = errno;
    if (!when || !below || access(when, F_OK) != 0) {
        errno = before;
        return 0;
    }
    int trigger = open(when, O_RDONLY);
    ssize_t length = trigger < 0 ? 0 : REAL(read)(trigger, said, sizeof said - 1);
    if (trigger >= 0)
        close(trigger);
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t read_path = readlink(link, path, sizeof path - 1);
    errno = before;
    if (length <= 0 || read_path <= 0 || !memchr(said, what, (size_t)length))
        return 0;
    path[read_path] = 0;
    if (strncmp(path, below, strlen(below)) != 0)
        return 0;
    errno = EIO;
    return 1;
}

ssize_t read(int fd, void *to, size_t many)
{
    return fails(fd, 'r') ? -1 : REAL(read)(fd, to, many);
}

ssize_t pread(int fd, void *to, size_t many, off_t at)
{
    return fails(fd, 'r') ? -1 : REAL(pread)(fd, to, many, at);
}

ssize_t pread64(int fd, void *to, size_t many, off64_t at)
{
    return fails(fd, 'r') ? -1 : REAL(pread64)(fd, to, many, at);
}

/* RocksDB reads its logs so. */
size_t fread_unlocked(void *to, size_t size, size_t many, FILE *file)
{
    return fails(fileno(file), 'r') ? 0 : REAL(fread_unlocked)(to, size, many, file);
}

size_t fread(void *to, size_t size, size_t many, FILE *file)
{
    return fails(fileno(file), 'r') ? 0 : REAL(fread)(to, size, many, file);
}

ssize_t write(int fd, const void *from, size_t many)
{
    return fails(fd, 'w') ? -1 : REAL(write)(fd, from, many);
}

ssize_t pwrite(int fd, const void *from, size_t many, off_t at)
{
    return fails(fd, 'w') ? -1 : REAL(pwrite)(fd, from, many, at);
}

ssize_t pwrite64(int fd, const void *from, size_t many, off64_t at)
{
    return fails(fd, 'w') ? -1 : REAL(pwrite64)(fd, from, many, at);
}

ssize_t writev(int fd, const struct iovec *from, int many)
{
    return fails(fd, 'w') ? -1 : REAL(writev)(fd, from, many);
}

int fsync(int fd)
{
    return fails(fd, 'w') ? -1 : REAL(fsync)(fd);
}

int fdatasync(int fd)
{
    return fails(fd, 'w') ? -1 : REAL(fdatasync)(fd);
}

int sync_file_range(int fd, off64_t from, off64_t many, unsigned int flags)
{
    return fails(fd, 'w') ? -1 : REAL(sync_file_range)(fd, from, many, flags);
}

int fallocate(int fd, int mode, off_t from, off_t many)
{
    return fails(fd, 'w') ? -1 : REAL(fallocate)(fd, mode, from, many);
}
