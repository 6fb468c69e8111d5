package dev.javelin.fastpath;

/**
 * The write table of the memcached process that is connected now. The slow path's thread sets and clears it, all
 * workers read it; a table that is no longer current stays mapped until nobody holds it.
 */
public final class CurrentWriteTable {
    private volatile WriteTable table;

    /**
     * From now on entries filled under this table may be served.
     *
     * @param next of the process that is connected, or null for none: then nothing new may be served, and whoever says
     *             so clears the cache next, since a worker looks here only when an entry has to be verified
     */
    public void set(final WriteTable next) {
        table = next;
    }

    /**
     * The table.
     *
     * @return null while there is none
     */
    public WriteTable get() {
        return table;
    }
}
