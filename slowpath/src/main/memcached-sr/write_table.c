/*
 * See write_table.h. Included at the end of items.c, so that memcached's own build files need no change.
 *
 * Layout of the file, in the machine's byte order:
 *      0  u64 magic "JVTABLE2"
 *      8  u32 log2 of the number of slots      12  u32 0
 *     16  u64 seed of the key hash (key_hash.h)
 *     64  u64 instance, 0 when it is gone      one cache line that changes at most a few times a second
 *     72  u64 global word                      odd while a flush is being applied, and when the instance is gone
 *     80  u32 tickBegin                        88  u32 tickEnd
 *   4096  u64 groups[4096]                     group of a slot = slot & 4095
 *  36864  u64 slots[]                          slot of a key = hash & (slots - 1)
 * A slot's word is changes << 16 | number of items of this slot that are marked stale.
 * A group's word, random at first, changes after any of its slots, and with every flush and tick: as long as it stays
 * the same a reader that has compared everything else need not do so again.
 */
#include "write_table.h"
#include "key_hash.h"
#include <errno.h>
#include <fcntl.h>
#include <dirent.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <linux/magic.h>
#include <sysexits.h>

#define WRITE_TABLE_MAGIC 0x32454c424154564aULL /* "JVTABLE2" */
#define WRITE_TABLE_SLOTS_LOG2 18
#define WRITE_TABLE_SLOTS (1ULL << WRITE_TABLE_SLOTS_LOG2)
/* Few enough for all words to stay in a core's caches, and in eight pages of its TLB. */
#define WRITE_TABLE_GROUPS 4096
#define WRITE_TABLE_RUN "/run/javelin"
#define WRITE_TABLE_SHM "/dev/shm/javelin"
#define WRITE_TABLE_PREFIX "write-table-"
#define WRITE_TABLE_UNFINISHED ".new-"
#define WRITE_TABLE_ONE_CHANGE (1ULL << 16)

struct write_table {
    uint64_t magic;
    uint32_t slots_log2;
    uint32_t reserved;
    uint64_t seed;
    uint64_t padding[5];
    uint64_t instance;
    uint64_t global;
    uint32_t tick_begin;
    uint32_t reserved_tick;
    uint32_t tick_end;
    uint32_t padding_to_page[(4096 - 92) / 4];
    uint64_t groups[WRITE_TABLE_GROUPS];
    uint64_t slots[WRITE_TABLE_SLOTS];
};

static struct write_table *write_table;
static uint32_t write_table_keys[KEY_HASH_KEYS];
static char write_table_name[PATH_MAX];
/* Flushes come from any worker and the clock from the main thread; the global word must be odd for all of each. */
static pthread_mutex_t write_table_global_lock = PTHREAD_MUTEX_INITIALIZER;

/*
 * Replacing an item unlinks one and links another of the same key under the same lock. One addition witnesses both,
 * and its slot is fetched from memory while the old item is being unlinked.
 */
static __thread uint64_t *write_table_replaced_slot;
static __thread uint64_t write_table_replaced_stale;

static uint64_t *write_table_slot(item *it) {
    return &write_table->slots[key_hash(write_table_keys, ITEM_key(it), it->nkey) & (WRITE_TABLE_SLOTS - 1)];
}

static uint64_t *write_table_group(uint64_t *slot) {
    return &write_table->groups[(slot - write_table->slots) & (WRITE_TABLE_GROUPS - 1)];
}

/*
 * Gives a group a word that it never had: each thread counts from a number of its own, which the instance's random one
 * scatters. Where a processor's stores reach all others at once (x86-64, arm64) a store is enough, and cheaper than an
 * atomic addition: whoever finds the word of the latest store also finds what came before the stores that it replaced.
 */
static void write_table_renew(uint64_t *group) {
#if defined(__x86_64__) || defined(__aarch64__)
    static uint32_t threads;
    static __thread uint64_t next;

    if (next == 0) {
        next = key_hash_finish(write_table->instance, __atomic_add_fetch(&threads, 1, __ATOMIC_RELAXED));
    }
    __atomic_store_n(group, next++, __ATOMIC_RELEASE);
#else
    __atomic_fetch_add(group, 1, __ATOMIC_SEQ_CST);
#endif
}

/*
 * Atomic, since keys of one slot may have different item locks. The group comes second: a reader that finds it as it
 * was before the change may not yet find the slot's new word, but one that finds it changed will.
 */
static void write_table_add(uint64_t *slot, uint64_t amount) {
    __atomic_fetch_add(slot, amount, __ATOMIC_SEQ_CST);
    write_table_renew(write_table_group(slot));
}

/* After something changed that readers of any slot must look at, and before it has an effect. */
static void write_table_renew_all_groups(void) {
    for (size_t i = 0; i < WRITE_TABLE_GROUPS; i++) {
        write_table_renew(&write_table->groups[i]);
    }
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
}

static uint64_t write_table_stale(item *it) {
    return (it->it_flags & ITEM_STALE) ? 1 : 0;
}

void write_table_replace(item *it) {
    if (write_table) {
        write_table_replaced_slot = write_table_slot(it);
        write_table_replaced_stale = 0;
        __builtin_prefetch(write_table_replaced_slot, 1);
        __builtin_prefetch(write_table_group(write_table_replaced_slot), 1);
    }
}

void write_table_unlink(item *it) {
    if (!write_table) {
        return;
    }
    if (write_table_replaced_slot) {
        write_table_replaced_stale = write_table_stale(it);
    } else {
        write_table_add(write_table_slot(it), WRITE_TABLE_ONE_CHANGE - write_table_stale(it));
    }
}

void write_table_link(item *it) {
    if (!write_table) {
        return;
    }
    if (write_table_replaced_slot) {
        write_table_add(write_table_replaced_slot,
                        WRITE_TABLE_ONE_CHANGE + write_table_stale(it) - write_table_replaced_stale);
        write_table_replaced_slot = NULL;
    } else {
        write_table_add(write_table_slot(it), WRITE_TABLE_ONE_CHANGE + write_table_stale(it));
    }
}

void write_table_change(item *it) {
    if (write_table) {
        write_table_add(write_table_slot(it), WRITE_TABLE_ONE_CHANGE);
    }
}

void write_table_mark_stale(item *it) {
    if (write_table) {
        write_table_add(write_table_slot(it), WRITE_TABLE_ONE_CHANGE + 1 - write_table_stale(it));
    }
}

void write_table_flush_begin(void) {
    if (write_table) {
        pthread_mutex_lock(&write_table_global_lock);
        __atomic_fetch_add(&write_table->global, 1, __ATOMIC_SEQ_CST);
        write_table_renew_all_groups();
    }
}

void write_table_flush_end(void) {
    if (write_table) {
        __atomic_fetch_add(&write_table->global, 1, __ATOMIC_SEQ_CST);
        pthread_mutex_unlock(&write_table_global_lock);
    }
}

void write_table_tick(unsigned int now) {
    bool flush_comes_due;

    if (!write_table) {
        current_time = now;
        return;
    }
    pthread_mutex_lock(&write_table_global_lock);
    flush_comes_due = settings.oldest_live > current_time && settings.oldest_live <= now;
    if (flush_comes_due) {
        __atomic_fetch_add(&write_table->global, 1, __ATOMIC_SEQ_CST);
    }
    __atomic_store_n(&write_table->tick_begin, now, __ATOMIC_SEQ_CST);
    write_table_renew_all_groups();
    current_time = now;
    __atomic_store_n(&write_table->tick_end, now, __ATOMIC_SEQ_CST);
    if (flush_comes_due) {
        __atomic_fetch_add(&write_table->global, 1, __ATOMIC_SEQ_CST);
    }
    pthread_mutex_unlock(&write_table_global_lock);
}

const char *write_table_path(void) {
    return write_table ? write_table_name : NULL;
}

unsigned long long write_table_instance(void) {
    return write_table->instance;
}

static void write_table_fail(const char *what, const char *path) {
    fprintf(stderr, "write table: %s %s: %s\n", what, path, strerror(errno));
    exit(EX_CANTCREAT);
}

/*
 * Removes the table of a process that is gone, and first makes it worthless for whoever still has it mapped: what it
 * says may be wrong from the moment in which this process acknowledges a write. Returns whether the file is out of the
 * way; false when its process lives, or the file is no table, of whatever version.
 */
static bool write_table_retire(const char *path) {
    static const uint64_t gone_groups[WRITE_TABLE_GROUPS];
    const uint64_t gone[2] = {0, UINT64_MAX};
    uint64_t magic = 0;
    bool retired = false;
    int fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW);

    if (fd < 0) {
        return errno == ENOENT;
    }
    if (flock(fd, LOCK_EX | LOCK_NB) == 0
        && pread(fd, &magic, sizeof(magic), 0) == sizeof(magic) && magic << 8 == WRITE_TABLE_MAGIC << 8
        && pwrite(fd, gone, sizeof(gone), offsetof(struct write_table, instance)) == sizeof(gone)
        && pwrite(fd, gone_groups, sizeof(gone_groups), offsetof(struct write_table, groups)) == sizeof(gone_groups)) {
        retired = unlink(path) == 0 || errno == ENOENT;
    }
    close(fd);
    return retired;
}

static bool write_table_in_memory(const char *path) {
    struct statfs fs;

    return statfs(path, &fs) == 0 && fs.f_type == TMPFS_MAGIC;
}

/*
 * /run lies in memory, but in containers and small systems it may be on a disk. There the kernel writes changed pages
 * back, and memcached would wait for that at its next change: under an item's lock, or in its clock's handler.
 */
static const char *write_table_directory(void) {
    bool run = write_table_in_memory("/run") || write_table_in_memory(WRITE_TABLE_RUN);

    return run || !write_table_in_memory("/dev/shm") ? WRITE_TABLE_RUN : WRITE_TABLE_SHM;
}

/* Anybody may make a directory in /dev/shm. */
static bool write_table_is_ours(const char *directory) {
    struct stat status;

    return lstat(directory, &status) == 0 && S_ISDIR(status.st_mode) && (status.st_mode & S_IWOTH) == 0
        && (status.st_uid == 0 || status.st_uid == geteuid());
}

static void write_table_retire_all(const char *path_of_directory) {
    DIR *directory = write_table_is_ours(path_of_directory) ? opendir(path_of_directory) : NULL;
    struct dirent *entry;
    char path[PATH_MAX];

    while (directory && (entry = readdir(directory))) {
        if (strncmp(entry->d_name, WRITE_TABLE_PREFIX, strlen(WRITE_TABLE_PREFIX)) == 0
            && strstr(entry->d_name, WRITE_TABLE_UNFINISHED) == NULL) {
            snprintf(path, sizeof(path), "%s/%s", path_of_directory, entry->d_name);
            write_table_retire(path);
        }
    }
    if (directory) {
        closedir(directory);
    }
}

static uint64_t write_table_random(void) {
    uint64_t number = 0;

    while (number == 0) {
        if (getrandom(&number, sizeof(number), 0) != sizeof(number)) {
            write_table_fail("no random number for", write_table_name);
        }
    }
    return number;
}

void write_table_create(const char *path) {
    char hidden[PATH_MAX];
    uint64_t instance = write_table_random();
    int fd;

    if (path) {
        snprintf(write_table_name, sizeof(write_table_name), "%s", path);
        if (!write_table_retire(path)) {
            fprintf(stderr, "write table: %s belongs to a running memcached, or is something else: "
                    "choose another path\n", path);
            exit(EX_CANTCREAT);
        }
    } else {
        const char *directory = write_table_directory();

        if (mkdir(directory, 0755) != 0 && errno != EEXIST) {
            write_table_fail("cannot make the directory", directory);
        }
        if (!write_table_is_ours(directory)) {
            fprintf(stderr, "write table: %s belongs to somebody else, or others may write it: "
                    "name a file with -o write_table=PATH\n", directory);
            exit(EX_CANTCREAT);
        }
        write_table_retire_all(WRITE_TABLE_RUN);
        write_table_retire_all(WRITE_TABLE_SHM);
        snprintf(write_table_name, sizeof(write_table_name), "%s/%s%016llx", directory, WRITE_TABLE_PREFIX,
                 (unsigned long long)instance);
    }
    /* Under its real name only when it is locked and complete, or another start could take it for a dead one's. */
    if (snprintf(hidden, sizeof(hidden), "%s" WRITE_TABLE_UNFINISHED "%016llx", write_table_name,
                 (unsigned long long)instance) >= (int)sizeof(hidden)) {
        errno = ENAMETOOLONG;
        write_table_fail("cannot create", write_table_name);
    }
    fd = open(hidden, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0) {
        write_table_fail("cannot create", hidden);
    }
    /* The lock lasts as long as this process or its child by -d has the file open: to the end. */
    if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
        write_table_fail("cannot lock", hidden);
    }
    /* All of it now: a full disk must not become a SIGBUS later. */
    errno = posix_fallocate(fd, 0, sizeof(struct write_table));
    if (errno != 0) {
        unlink(hidden);
        write_table_fail("no room for", hidden);
    }
    write_table = mmap(NULL, sizeof(struct write_table), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (write_table == MAP_FAILED) {
        write_table_fail("cannot map", hidden);
    }
    write_table->slots_log2 = WRITE_TABLE_SLOTS_LOG2;
    for (size_t i = 0; i < WRITE_TABLE_GROUPS; i++) {
        write_table->groups[i] = write_table_random();
    }
    write_table->seed = write_table_random();
    write_table->magic = WRITE_TABLE_MAGIC;
    key_hash_expand(write_table->seed, write_table_keys);
    __atomic_store_n(&write_table->instance, instance, __ATOMIC_SEQ_CST);
    if (rename(hidden, write_table_name) != 0) {
        write_table_fail("cannot name", write_table_name);
    }
}
