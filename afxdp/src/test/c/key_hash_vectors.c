/*
 * Prints the vectors of key-hash-vectors.txt: seed, key and hash in hexadecimal. Made with key_hash.h, the definition.
 */
#include <stdio.h>

#include "key_hash.h"

static void print_vector(__u64 seed, const unsigned char *key, __u32 length)
{
	__u32 keys[KEY_HASH_KEYS];

	key_hash_expand(seed, keys);
	printf("%016llx ", (unsigned long long)seed);
	for (__u32 i = 0; i < length; i++)
		printf("%02x", key[i]);
	printf(" %016llx\n", (unsigned long long)key_hash(keys, key, length));
}

/* 1 to 33, then some, then 247 to 250. */
static __u32 next_length(__u32 length)
{
	if (length < 33 || length >= 247)
		return length + 1;
	return length + 19 < 247 ? length + 19 : 247;
}

int main(void)
{
	static const __u64 seeds[] = {0, 1, 0x0123456789abcdefULL, 0xffffffffffffffffULL};
	unsigned char key[KEY_HASH_MAX_KEY];
	__u32 random = 1;

	printf("# seed key hash, all hexadecimal; printed by afxdp/src/test/c/key_hash_vectors.c\n");
	for (int s = 0; s < 4; s++) {
		for (__u32 length = 1; length <= KEY_HASH_MAX_KEY; length = next_length(length)) {
			for (__u32 i = 0; i < length; i++) {
				/* A linear congruence is random enough; only bytes that a key may have. */
				do {
					random = random * 1664525 + 1013904223;
					key[i] = random >> 24;
				} while (key[i] <= 0x20 || key[i] == 0x7f);
			}
			print_vector(seeds[s], key, length);
		}
	}
	return 0;
}
