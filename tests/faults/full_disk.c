/* A disk that becomes full: preloaded into a process, it refuses with ENOSPC what real ones refuse.

   Nothing is refused before full_disk_begin. From then on the regular files whose path begins with
   `below` may grow by so many bytes in all; what is removed gives none back, as where somebody else
   takes it. A write of which a part fits is cut short, as by real disks; old bytes can always be
   written over. With `bare` nothing can be made anew either once there is no room, as where
   inodes are used up, too. */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

#define TRUE_ONE(name) __typeof__(&name) real = (__typeof__(&name))dlsym(RTLD_NEXT, #name)

static pthread_mutex_t turn = PTHREAD_MUTEX_INITIALIZER;
static char folder[PATH_MAX];
static volatile int begun;
static int is_bare;
static long long room;    /* bytes; negative: no end */
static long long taken;   /* bytes of room, so far */
static long long refused; /* calls */

void full_disk_begin(const char *below, long long bytes, int bare)
{
    snprintf(folder, sizeof folder, "%s", below);
    room = bytes;
    is_bare = bare;
    taken = refused = 0;
    begun = 1;
}

void full_disk_set(long long bytes) { room = bytes; }
long long full_disk_taken(void) { return taken; }
long long full_disk_refused(void) { return refused; }

static int is_below(const char *path) { return strncmp(path, folder, strlen(folder)) == 0; }

/* Whether the file counts; its size. */
static int counts(int file, off_t *size)
{
    char link[64], path[PATH_MAX];
    struct stat found;
    ssize_t length;

    if (!begun || fstat(file, &found) || !S_ISREG(found.st_mode))
        return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    length = readlink(link, path, sizeof path - 1);
    if (length < 0)
        return 0;
    path[length] = 0;
    *size = found.st_size;
    return is_below(path);
}

/* What it costs that a file reaches to `end`. */
static long long cost(off_t size, off_t end)
{
    return end > size ? end - size : 0;
}

static off_t place(int file, off_t size)
{
    int flags = fcntl(file, F_GETFL);
    return flags & O_APPEND ? size : lseek(file, 0, SEEK_CUR);
}

/* How many of `count` bytes fit; -1 and ENOSPC if none does. */
static ssize_t fitting(off_t size, off_t at, size_t count)
{
    long long all = cost(size, at + (off_t)count);
    if (room < 0 || all <= room)
        return (ssize_t)count;
    if ((long long)count > all - room && room > 0)
        return (ssize_t)(count - (size_t)(all - room));
    refused++;
    errno = ENOSPC;
    return -1;
}

static void take(long long bytes)
{
    taken += bytes;
    if (room >= 0)
        room -= bytes;
}

/* The call `real_call` of at most `count` bytes at `at`, of which `count` may become fewer. */
#define WITH_ROOM(file, position, real_call)                                                       \
    off_t size = 0, at;                                                                            \
    ssize_t fits, done;                                                                            \
    if (!counts(file, &size))                                                                      \
        return real_call;                                                                          \
    pthread_mutex_lock(&turn);                                                                     \
    counts(file, &size);                                                                           \
    at = position;                                                                                 \
    fits = fitting(size, at, count);                                                               \
    done = -1;                                                                                     \
    if (fits >= 0) {                                                                               \
        count = (size_t)fits;                                                                      \
        done = real_call;                                                                          \
        if (done > 0)                                                                              \
            take(cost(size, at + done));                                                       \
    }                                                                                              \
    pthread_mutex_unlock(&turn);                                                                   \
    return done

ssize_t write(int file, const void *bytes, size_t count)
{
    TRUE_ONE(write);
    WITH_ROOM(file, place(file, size), real(file, bytes, count));
}

ssize_t pwrite(int file, const void *bytes, size_t count, off_t position)
{
    TRUE_ONE(pwrite);
    WITH_ROOM(file, position, real(file, bytes, count, position));
}

ssize_t sendfile(int file, int origin, off_t *from, size_t count)
{
    TRUE_ONE(sendfile);
    WITH_ROOM(file, place(file, size), real(file, origin, from, count));
}

ssize_t copy_file_range(
    int origin, off64_t *from, int file, off64_t *to, size_t count, unsigned flags)
{
    TRUE_ONE(copy_file_range);
    WITH_ROOM(file, to ? *to : place(file, size), real(origin, from, file, to, count, flags));
}

/* Of these all fits, or nothing is done. */
static ssize_t total(const struct iovec *parts, int number)
{
    ssize_t sum = 0;
    for (int i = 0; i < number; i++)
        sum += (ssize_t)parts[i].iov_len;
    return sum;
}

/* Takes the room of the bytes up to `end`; 0, or ENOSPC. */
static int reserve(int file, off_t end)
{
    off_t size = 0;
    int failed = 0;
    if (!counts(file, &size))
        return 0;
    pthread_mutex_lock(&turn);
    if (room >= 0 && cost(size, end) > room) {
        refused++;
        failed = ENOSPC;
    } else {
        take(cost(size, end));
    }
    pthread_mutex_unlock(&turn);
    return failed;
}

#define AFTER_RESERVING(file, end, real_call)                                                  \
    int failed = reserve(file, end);                                                           \
    if (failed) {                                                                                  \
        errno = failed;                                                                            \
        return -1;                                                                                 \
    }                                                                                              \
    return real_call

ssize_t writev(int file, const struct iovec *parts, int number)
{
    TRUE_ONE(writev);
    off_t size = 0, at = counts(file, &size) ? place(file, size) : 0;
    AFTER_RESERVING(file, at + total(parts, number), real(file, parts, number));
}

ssize_t pwritev(int file, const struct iovec *parts, int number, off_t at)
{
    TRUE_ONE(pwritev);
    AFTER_RESERVING(file, at + total(parts, number), real(file, parts, number, at));
}

int ftruncate(int file, off_t length) /* as if nothing were sparse */
{
    TRUE_ONE(ftruncate);
    AFTER_RESERVING(file, length, real(file, length));
}

int fallocate(int file, int mode, off_t at, off_t length)
{
    TRUE_ONE(fallocate);
    AFTER_RESERVING(file, mode & FALLOC_FL_PUNCH_HOLE ? 0 : at + length,
                    real(file, mode, at, length));
}

int posix_fallocate(int file, off_t at, off_t length) /* gives its error back */
{
    TRUE_ONE(posix_fallocate);
    int failed = reserve(file, at + length);
    return failed ? failed : real(file, at, length);
}

/* Whether nothing new can be made at `path`, which is not there yet. */
static int no_room_for(int parent, const char *path)
{
    char whole[PATH_MAX], link[64], start[PATH_MAX] = "";
    ssize_t length = 0;
    int before = errno, none;

    if (!begun || !is_bare || room != 0 || faccessat(parent, path, F_OK, 0) == 0) {
        errno = before;
        return 0;
    }
    if (path[0] != '/') {
        const char *where = parent == AT_FDCWD ? "/proc/self/cwd" : "/proc/self/fd/%d";
        snprintf(link, sizeof link, where, parent);
        length = readlink(link, start, sizeof start - 2);
        snprintf(start + (length < 0 ? 0 : length), 2, "/");
    }
    snprintf(whole, sizeof whole, "%s%s", start, path);
    none = is_below(whole);
    refused += none;
    errno = none ? ENOSPC : before;
    return none;
}

#define OPENING(name, parent, path, flags, ...)                                                    \
    mode_t mode = 0;                                                                               \
    if (flags & (O_CREAT | __O_TMPFILE)) {                                                         \
        va_list more;                                                                              \
        va_start(more, flags);                                                                     \
        mode = va_arg(more, mode_t);                                                               \
        va_end(more);                                                                              \
    }                                                                                              \
    if (flags & O_CREAT && no_room_for(parent, path))                                              \
        return -1;                                                                                 \
    TRUE_ONE(name);                                                                                \
    return real(__VA_ARGS__, flags, mode)

int open(const char *path, int flags, ...) { OPENING(open, AT_FDCWD, path, flags, path); }
int openat(int in, const char *path, int flags, ...) { OPENING(openat, in, path, flags, in, path); }

int mkdir(const char *path, mode_t mode)
{
    TRUE_ONE(mkdir);
    return no_room_for(AT_FDCWD, path) ? -1 : real(path, mode);
}

int link(const char *from, const char *to)
{
    TRUE_ONE(link);
    return no_room_for(AT_FDCWD, to) ? -1 : real(from, to);
}

int linkat(int from_in, const char *from, int to_in, const char *to, int flags)
{
    TRUE_ONE(linkat);
    return no_room_for(to_in, to) ? -1 : real(from_in, from, to_in, to, flags);
}

int rename(const char *from, const char *to)
{
    TRUE_ONE(rename);
    return no_room_for(AT_FDCWD, to) ? -1 : real(from, to);
}

/* The names by which those ask who have files of any length, where the type is the same. */
#define ALSO(name, other) __typeof__(name) other __attribute__((alias(#name)))
ALSO(pwrite, pwrite64);
ALSO(sendfile, sendfile64);
ALSO(pwritev, pwritev64);
ALSO(ftruncate, ftruncate64);
ALSO(fallocate, fallocate64);
ALSO(posix_fallocate, posix_fallocate64);
ALSO(open, open64);
ALSO(openat, openat64);
