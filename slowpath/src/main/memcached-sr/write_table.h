/*
 * The write table: shared memory in which memcached witnesses every change of an item, so that a reader of the table
 * can tell whether a value it fetched earlier is still the current one. docs/coherence.md has the protocol and why it
 * is enough. WriteTable.java reads what is laid out here.
 *
 * Every function that witnesses something does nothing, at the price of one test, while no table is configured.
 */
#ifndef JAVELIN_WRITE_TABLE_H
#define JAVELIN_WRITE_TABLE_H

#include <stdbool.h>

struct _stritem;

/*
 * Makes the table, or ends the process with a message. Call it once, while the process still has the rights it was
 * started with and before it listens. path: NULL for a fresh file under /run/javelin,
 * or under /dev/shm/javelin where /run is on a disk.
 */
void write_table_create(const char *path);

/* For "stats settings": its file's name, NULL when there is no table; and the instance's id, only when there is one. */
const char *write_table_path(void);
unsigned long long write_table_instance(void);

/* Call these five with the item's lock held. */
void write_table_link(struct _stritem *it);
void write_table_unlink(struct _stritem *it);
/* What follows is the unlinking of an item, if it is linked at all, and the linking of this one in its place. */
void write_table_replace(struct _stritem *it);
/* A linked item's value or exptime changes in place. */
void write_table_change(struct _stritem *it);
/* A linked item is about to be marked stale. */
void write_table_mark_stale(struct _stritem *it);

/* Around every change of settings.oldest_live, and before the reply that acknowledges it. */
void write_table_flush_begin(void);
void write_table_flush_end(void);

/* Sets current_time; the only way in which it may change. */
void write_table_tick(unsigned int now);

#endif /* JAVELIN_WRITE_TABLE_H */
