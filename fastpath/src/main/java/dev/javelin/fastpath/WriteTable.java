package dev.javelin.fastpath;

import org.agrona.DirectBuffer;
import org.agrona.UnsafeApi;
import org.agrona.concurrent.AtomicBuffer;

/**
 * The shared memory in which one memcached-sr process witnesses every change of an item (docs/coherence.md; laid out in
 * write_table.c). Read only.
 * <pre>
 *     0 u64 magic "JVTABLE2"        8 u32 log2 of the number of slots      16 u64 seed of the key hash
 *    64 u64 instance               72 u64 global word                      80 u32 tickBegin      88 u32 tickEnd
 *  4096 u64 groups, 4096 of them; a slot's is its number modulo 4096. At random first, then a word that it never had
 *           after each change of one of its slots, of the global word, or of tickBegin
 * 36864 u64 slots: changes &lt;&lt; 16 | items of the slot that are marked stale
 * </pre>
 * <b>Order.</b> memcached adds to a slot's word while it holds the item's lock, so whoever has seen the new value, or
 * the reply that acknowledges it, finds the new word. Whoever fills reads the words first and asks memcached then: what
 * it is told is at least as new as the words. All loads here are acquire loads, so none moves before an earlier one.
 * <p>
 * <b>Groups.</b> The slots fill megabytes, the groups stay in a core's caches. Whoever reads a group's word first, then
 * slot, global word and tickBegin, and finds the entry good, may remember the group's word: as long as it is the same,
 * so is all that was read after it, since memcached changes the group last, and before the change has any effect.
 * <p>
 * An <em>epoch</em> is global word XOR instance: two epochs are the same if both are, or by an accident of 64 random
 * bits. So one comparison tells that the same process has applied no flush since.
 * <p>
 * The mapping lives as long as the buffer is reachable; any number of threads may read. Loads are by address, as in
 * {@link CacheMemory}; none follows a safepoint that comes after the load of the address.
 */
public final class WriteTable {
    /** A deadline that never comes. */
    public static final int NO_DEADLINE_TICK = Integer.MAX_VALUE;

    private static final long MAGIC = 0x3245_4C42_4154_564AL;
    private static final int MAGIC_OFFSET = 0;
    private static final int SLOTS_LOG2_OFFSET = 8;
    private static final int SEED_OFFSET = 16;
    private static final int INSTANCE_OFFSET = 64;
    private static final int GLOBAL_OFFSET = 72;
    private static final int TICK_BEGIN_OFFSET = 80;
    private static final int TICK_END_OFFSET = 88;
    private static final int GROUPS_OFFSET = 4096;
    private static final int GROUPS = 4096;
    private static final int SLOTS_OFFSET = GROUPS_OFFSET + GROUPS * Long.BYTES;
    private static final int MAX_SLOTS_LOG2 = 27;
    private static final int STALE_ITEMS_MASK = 0xFFFF;

    /** Keeps the memory mapped. */
    private final AtomicBuffer table;
    private final long address;
    private final long instance;
    private final int slotMask;
    private final KeyHash keyHash;

    /**
     * Looks at a table.
     *
     * @param table      all of the shared memory
     * @param instanceId of the memcached process it must belong to, never 0
     * @throws IllegalArgumentException saying why this is not that process' table
     */
    public WriteTable(final AtomicBuffer table, final long instanceId) {
        require(table.byteArray() == null, "it is not mapped memory");
        require(table.capacity() >= SLOTS_OFFSET && table.getLong(MAGIC_OFFSET) == MAGIC, "it is no write table");
        final int slotsLog2 = table.getInt(SLOTS_LOG2_OFFSET);
        require(slotsLog2 >= 0 && slotsLog2 <= MAX_SLOTS_LOG2
            && table.capacity() == SLOTS_OFFSET + (Long.BYTES << slotsLog2), "its size is not what its header says");
        require(instanceId != 0 && table.getLongVolatile(INSTANCE_OFFSET) == instanceId,
            "it belongs to another memcached process");
        this.table = table;
        this.address = table.addressOffset();
        this.instance = instanceId;
        this.slotMask = (1 << slotsLog2) - 1;
        this.keyHash = new KeyHash(table.getLong(SEED_OFFSET));
    }

    private static void require(final boolean condition, final String otherwise) {
        if (!condition) {
            throw new IllegalArgumentException(otherwise);
        }
    }

    /**
     * The process whose table this is.
     *
     * @return never 0
     */
    public long instance() {
        return instance;
    }

    /**
     * The slot of a key.
     *
     * @param key    buffer holding it
     * @param offset of its first byte
     * @param length 1 to {@link KeyHash#MAX_KEY_LENGTH} bytes
     * @return 0 to slots - 1
     */
    public int slot(final DirectBuffer key, final int offset, final int length) {
        return (int) keyHash.hash(key, offset, length) & slotMask;
    }

    /**
     * A slot's word.
     *
     * @param slot as of {@link #slot}
     * @return any 64 bits
     */
    public long slotWord(final int slot) {
        return UnsafeApi.getLongVolatile(null, address + SLOTS_OFFSET + ((slot & slotMask) << 3));
    }

    /**
     * The word of a slot's group. Read it before what it is to stand for.
     *
     * @param slot as of {@link #slot}; any number is safe
     * @return any 64 bits
     */
    public long groupWord(final int slot) {
        return groupWord(groupsAddress(), slot);
    }

    /** Where the groups' words begin; the memory is there as long as this table is reachable. */
    long groupsAddress() {
        return address + GROUPS_OFFSET;
    }

    /** The word of a slot's group, for those who have no time to go through the table. */
    static long groupWord(final long groupsAddress, final int slot) {
        return UnsafeApi.getLongVolatile(null, groupsAddress + ((slot & GROUPS - 1) << 3));
    }

    /**
     * Odd while memcached applies a flush, and for good once its process is known to be gone: serve and fill nothing.
     *
     * @return any 64 bits
     */
    public long globalWord() {
        return UnsafeApi.getLongVolatile(null, address + GLOBAL_OFFSET);
    }

    /**
     * What the global word and this process are, in one.
     *
     * @param globalWord as of {@link #globalWord}
     * @return any 64 bits
     */
    long epoch(final long globalWord) {
        return globalWord ^ instance;
    }

    /**
     * A second by memcached's clock that it has certainly reached.
     *
     * @return u32 seconds
     */
    public int tickEnd() {
        return UnsafeApi.getIntVolatile(null, address + TICK_END_OFFSET);
    }

    /**
     * Whether keys under these words may be asked for and cached. Not while a flush is being applied; and not while an
     * item of the slot is marked stale, since asking for it would take the token by which memcached lets exactly one
     * client renew it (protocol.txt, "Meta Get").
     *
     * @param slotWord   as of {@link #slotWord}
     * @param globalWord as of {@link #globalWord}
     * @return whether
     */
    static boolean mayFill(final long slotWord, final long globalWord) {
        return (globalWord & 1) == 0 && (slotWord & STALE_ITEMS_MASK) == 0;
    }

    /**
     * Whether nothing that the words witness has changed since they were read, up to now.
     *
     * @param slot     as of {@link #slot}; any number is safe
     * @param slotWord read before memcached was asked
     * @param epoch    as of {@link #epoch}, of the process that was asked
     * @return whether
     */
    boolean isUnchanged(final int slot, final long slotWord, final long epoch) {
        return slotWord == slotWord(slot) && epoch == epoch(globalWord());
    }

    /**
     * Whether memcached's clock has not reached a second, nor begun to move there.
     *
     * @param deadlineTick seconds by memcached's clock, not negative
     * @return whether
     */
    boolean isBefore(final int deadlineTick) {
        return UnsafeApi.getIntVolatile(null, address + TICK_BEGIN_OFFSET) < deadlineTick;
    }
}
