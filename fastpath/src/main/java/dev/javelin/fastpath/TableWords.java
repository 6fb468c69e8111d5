package dev.javelin.fastpath;

import org.agrona.DirectBuffer;

/**
 * What the write table said of a key before memcached was asked for it (docs/coherence.md, "The protocol"). Mutable and
 * made to be reused; belongs to one thread.
 */
public final class TableWords {
    int slot;
    long slotWord;
    long epoch;
    private int tickEnd;

    /**
     * Reads the words of a key. The group's is not among them: it belongs to whoever verifies the entry.
     *
     * @param table  of the memcached that will be asked
     * @param key    buffer holding the key
     * @param offset of its first byte
     * @param length 1 to {@link KeyHash#MAX_KEY_LENGTH} bytes
     * @return whether it may be asked for and cached: {@link WriteTable#mayFill}
     */
    public boolean read(final WriteTable table, final DirectBuffer key, final int offset, final int length) {
        slot = table.slot(key, offset, length);
        slotWord = table.slotWord(slot);
        final long globalWord = table.globalWord();
        epoch = table.epoch(globalWord);
        tickEnd = table.tickEnd();
        return WriteTable.mayFill(slotWord, globalWord);
    }

    /**
     * Whether the slot's or the global word is another by now: what memcached answers can then never be served.
     *
     * @param table the words were read from
     * @return whether
     */
    public boolean isOvertaken(final WriteTable table) {
        return !table.isUnchanged(slot, slotWord, epoch);
    }

    /**
     * When memcached will have stopped serving an item, by its own clock.
     *
     * @param ttlSeconds as it answered, {@code t} of {@code mg}; negative: never
     * @return seconds by memcached's clock
     */
    public int deadlineTick(final long ttlSeconds) {
        return ttlSeconds < 0 ? WriteTable.NO_DEADLINE_TICK : tickEnd + (int) ttlSeconds;
    }
}
