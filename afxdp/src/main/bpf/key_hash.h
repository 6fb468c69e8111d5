/*
 * The hash of a memcached key: NH with a finaliser.
 *
 * One definition for everybody who hashes a key in C: the XDP program (word by word, straight out of the packet) and
 * programs in user space (key_hash()). KeyHash.java is the same function; key-hash-vectors.txt holds vectors that all
 * of them are tested against.
 *
 * NH (Black, Halevi, Krawczyk, Krovetz, Rogaway: "UMAC: Fast and Secure Message Authentication", CRYPTO '99) is
 * 2^-32-almost-universal whatever keys an attacker picks, as long as the expanded seed stays secret, and needs only
 * 32 x 32 -> 64 bit multiplications, which eBPF has. The finaliser (MurmurHash3's fmix64) spreads the sum over all
 * 64 bits, of which the low ones choose a bucket and the top ones are the tag.
 */
#ifndef JAVELIN_KEY_HASH_H
#define JAVELIN_KEY_HASH_H

#include <linux/types.h>

#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "key_hash.h reads a key as little-endian words"
#endif

#define KEY_HASH_MAX_KEY 250 /* protocol.txt: "the length limit of a key is set at 250 characters" */
#define KEY_HASH_MAX_WORDS ((KEY_HASH_MAX_KEY + 7) / 8)
#define KEY_HASH_KEYS (2 * KEY_HASH_MAX_WORDS)
#define KEY_HASH_GOLDEN 0x9E3779B97F4A7C15ULL

/* Adds one 8-byte word of the key; low and high are expanded keys 2i and 2i + 1 for word i. */
static inline __u64 key_hash_add(__u64 sum, __u64 word, __u32 low, __u32 high)
{
	return sum + (__u64)((__u32)word + low) * (__u32)((__u32)(word >> 32) + high);
}

static inline __u64 key_hash_finish(__u64 sum, __u32 length)
{
	__u64 h = sum ^ (length * KEY_HASH_GOLDEN);

	h ^= h >> 33;
	h *= 0xFF51AFD7ED558CCDULL;
	h ^= h >> 33;
	h *= 0xC4CEB9FE1A85EC53ULL;
	h ^= h >> 33;
	return h;
}

/* The top 16 bits; 0 marks an empty way of the index, so it becomes 1. */
static inline __u16 key_hash_tag(__u64 hash)
{
	__u16 tag = (__u16)(hash >> 48);

	return tag ? tag : 1;
}

#ifndef __bpf__

#include <string.h>

/* Expands a seed into the secret keys by splitmix64 (Steele, Lea, Flood, OOPSLA '14). */
static inline void key_hash_expand(__u64 seed, __u32 keys[KEY_HASH_KEYS])
{
	for (int i = 0; i < KEY_HASH_KEYS; i += 2) {
		__u64 z = seed += KEY_HASH_GOLDEN;

		z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
		z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
		z ^= z >> 31;
		keys[i] = (__u32)z;
		keys[i + 1] = (__u32)(z >> 32);
	}
}

/* length must be at most KEY_HASH_MAX_KEY. */
static inline __u64 key_hash(const __u32 keys[KEY_HASH_KEYS], const void *key, __u32 length)
{
	const char *from = (const char *)key;
	__u32 whole = length & ~7U;
	__u64 sum = 0, word;

	for (__u32 done = 0; done < whole; done += 8) {
		memcpy(&word, from + done, 8);
		sum = key_hash_add(sum, word, keys[done / 4], keys[done / 4 + 1]);
	}
	if (whole < length) {
		word = 0;
		memcpy(&word, from + whole, length - whole);
		sum = key_hash_add(sum, word, keys[whole / 4], keys[whole / 4 + 1]);
	}
	return key_hash_finish(sum, length);
}

#endif /* __bpf__ */

#endif /* JAVELIN_KEY_HASH_H */
