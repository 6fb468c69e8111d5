/*
 * Reads a frame as a memcached UDP get for one of our addresses, or as none of our business. Looks at nothing but the
 * frame and the configuration.
 */
#ifndef JAVELIN_MEMCACHED_REQUEST_H
#define JAVELIN_MEMCACHED_REQUEST_H

#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/udp.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "key_hash.h"
#include "xdp_config.h"

#define MAX_FRAME_BYTES 1792 /* no request on a link with an MTU of 1,500 is longer; any UMEM frame holds it */
#define FRAME_MASK 2047 /* the least that covers MAX_FRAME_BYTES */
#define IP_DONT_FRAGMENT 0x4000
#define IPV4_VERSION_AND_IHL 0x45
#define COMMAND "get "
#define COMMAND_BYTES 4
#define END_OF_LINE_BYTES 2
#define FRAME_HEADER_BYTES 8

/* A position in the frame. Every parser below moves it on, and returns what it found or -1 for "not ours". */
struct cursor {
	void *frame;
	void *position;
	void *end;
};

struct request {
	__u64 hash;
	__u32 key_offset;
	__u32 key_length;
};

static __always_inline struct cursor cursor_of(const struct xdp_md *ctx)
{
	void *frame = (void *)(long)ctx->data;
	struct cursor cursor = {frame, frame, (void *)(long)ctx->data_end};

	return cursor;
}

/*
 * Older verifiers lose what they knew of a length where the compiler sign-extends it, or compares it in another
 * register than it adds. So lengths are unsigned and 64 bits wide, are compared as numbers, and get this mask, which no
 * compiler can see through, before they move a pointer.
 */
static __always_inline __u64 bounded(__u64 bytes)
{
	barrier_var(bytes);
	return bytes & FRAME_MASK;
}

static __always_inline __u64 bytes_left(const struct cursor *cursor)
{
	return cursor->end - cursor->position;
}

/* The next bytes of the frame, or null if there are not that many. */
static __always_inline void *advance(struct cursor *cursor, __u32 bytes)
{
	void *header = cursor->position;

	if (header + bytes > cursor->end)
		return 0;
	cursor->position = header + bytes;
	return header;
}

static __always_inline int is_our_mac(const __u8 *mac)
{
	for (int i = 0; i < ETH_ALEN; i++) {
		if (mac[i] != config.mac[i])
			return 0;
	}
	return 1;
}

static __always_inline int is_served_ipv4(__u32 address)
{
	for (__u32 i = 0; i < MAX_ADDRESSES && i < config.ipv4_count; i++) {
		if (address == config.ipv4_addresses[i])
			return 1;
	}
	return 0;
}

static __always_inline int is_served_ipv6(const struct in6_addr *address)
{
	const __u32 *words = address->in6_u.u6_addr32;

	for (__u32 i = 0; i < MAX_ADDRESSES && i < config.ipv6_count; i++) {
		if (words[0] == config.ipv6_addresses[i][0] && words[1] == config.ipv6_addresses[i][1] &&
		    words[2] == config.ipv6_addresses[i][2] && words[3] == config.ipv6_addresses[i][3])
			return 1;
	}
	return 0;
}

/* RFC 1071: the ones' complement sum over a header and its checksum is all ones. */
static __always_inline int is_ipv4_checksum_right(const struct iphdr *ip)
{
	const __u32 *words = (const void *)ip;
	__u64 sum = (__u64)words[0] + words[1] + words[2] + words[3] + words[4];

	sum = (sum & 0xffff) + (sum >> 16 & 0xffff) + (sum >> 32);
	sum = (sum & 0xffff) + (sum >> 16);
	return (sum & 0xffff) + (sum >> 16) == 0xffff;
}

/* Addresses that no reply may go to; the kernel drops such a packet itself. */
static __always_inline int is_martian_ipv4(__u32 address)
{
	__u8 first = bpf_ntohl(address) >> 24;

	return first == 0 || first == IN_LOOPBACKNET || first >= 224;
}

static __always_inline int is_global_ipv6(const struct in6_addr *address)
{
	__u32 first = bpf_ntohl(address->in6_u.u6_addr32[0]);

	/* Not ff00::/8, not fe80::/10, and nothing in ::/32 (unspecified, loopback, v4-mapped). */
	return first >> 24 != 0xff && first >> 22 != 0xfe80 >> 6 && first != 0;
}

static __always_inline int parse_ethernet(struct cursor *cursor)
{
	struct ethhdr *ethernet = advance(cursor, sizeof(*ethernet));

	if (!ethernet || !is_our_mac(ethernet->h_dest))
		return -1;
	return bpf_ntohs(ethernet->h_proto);
}

/* Returns the length of the IP payload, or 0 for "not ours". */
static __always_inline __u64 parse_ipv4(struct cursor *cursor)
{
	struct iphdr *ip = advance(cursor, sizeof(*ip));
	__u64 length;

	if (!ip || *(__u8 *)ip != IPV4_VERSION_AND_IHL || ip->protocol != IPPROTO_UDP)
		return 0;
	if (ip->frag_off & bpf_htons(~IP_DONT_FRAGMENT & 0xffff))
		return 0;
	if (!is_served_ipv4(ip->daddr) || is_martian_ipv4(ip->saddr) || !is_ipv4_checksum_right(ip))
		return 0;
	length = bpf_ntohs(ip->tot_len);
	return length < sizeof(*ip) ? 0 : length - sizeof(*ip);
}

static __always_inline __u64 parse_ipv6(struct cursor *cursor)
{
	struct ipv6hdr *ip = advance(cursor, sizeof(*ip));

	if (!ip || ip->version != 6 || ip->nexthdr != IPPROTO_UDP)
		return 0;
	if (!is_served_ipv6(&ip->daddr) || !is_global_ipv6(&ip->saddr))
		return 0;
	return bpf_ntohs(ip->payload_len);
}

/* Returns the length of the UDP payload, or 0 for "not ours": a request is never empty. */
static __always_inline __u64 parse_udp(struct cursor *cursor, __u64 ip_bytes)
{
	__u64 available = bytes_left(cursor);
	struct udphdr *udp = advance(cursor, sizeof(*udp));
	__u64 length;

	if (ip_bytes < sizeof(*udp) || !udp || ip_bytes > available || udp->dest != config.port || udp->source == 0)
		return 0;
	length = bpf_ntohs(udp->len);
	return length < sizeof(*udp) || length > ip_bytes ? 0 : length - sizeof(*udp);
}

/* protocol.txt, "UDP protocol": request id, sequence number, number of datagrams, reserved. */
static __always_inline int parse_frame_header(struct cursor *cursor)
{
	__u16 *header = advance(cursor, FRAME_HEADER_BYTES);

	if (!header || header[1] != 0 || header[2] != bpf_htons(1) || header[3] != 0)
		return -1;
	return 0;
}

static __always_inline int parse_command(struct cursor *cursor)
{
	char *command = advance(cursor, COMMAND_BYTES);

	if (!command || command[0] != 'g' || command[1] != 'e' || command[2] != 't' || command[3] != ' ')
		return -1;
	return 0;
}

/* The datagram's last two bytes; the cursor stays. */
static __always_inline int ends_line(const struct cursor *cursor, __u64 bytes_before)
{
	__u8 *end_of_line = cursor->position + bounded(bytes_before);

	/* What is checked and what is read must be one register. */
	barrier_var(end_of_line);
	if ((void *)(end_of_line + END_OF_LINE_BYTES) > cursor->end)
		return 0;
	return end_of_line[0] == '\r' && end_of_line[1] == '\n';
}

/*
 * The last bytes of a frame, fewer than eight, as a word, zero-padded: what the frame's last eight bytes leave when those in
 * front of `from` are shifted out. Not byte by byte, which would be eight ways for a verifier to follow, and not from `from`,
 * once it has been compared: verifiers from 5.11 on take whatever is computed from a pointer behind the end for such a one.
 */
static __always_inline __u64 load_tail(const struct cursor *cursor, const __u8 *from)
{
	__u64 rest = bounded(cursor->end - (const void *)from);
	const void *last = cursor->frame + bounded(cursor->end - cursor->frame - sizeof(__u64));

	barrier_var(last);
	if (last + sizeof(__u64) > cursor->end)
		return 0;
	return *(const __u64 *)last >> 8 * ((7 - rest) & 7) >> 8;
}

/*
 * The top bit of every byte of the word that cannot be part of a key: up to 0x20, or 0x7f. Borrows can mark bytes
 * wrongly, but only above a byte that is marked rightly: the lowest mark is exact. See "Determine if a word has a
 * byte less than n" in Anderson's Bit Twiddling Hacks.
 */
static __always_inline __u64 stops_of(__u64 word)
{
	const __u64 ones = 0x0101010101010101ULL;
	const __u64 tops = 0x80 * ones;
	__u64 deletes = word ^ 0x7f * ones;

	return (((word - 0x21 * ones) & ~word) | ((deletes - ones) & ~deletes)) & tops;
}

static __always_inline __u32 count_bytes(__u64 mask)
{
	const __u64 ones = 0x0101010101010101ULL;

	return (mask & ones) * ones >> 56;
}

/*
 * Finds the end of the key and hashes it on the way. Returns the byte behind the key. Only whole words are read in the
 * loop, so that a verifier has one way through it, and not one for each length of the frame's last word.
 */
static __always_inline int parse_key(const struct cursor *cursor, struct request *request)
{
	const __u8 *from = cursor->position;
	__u64 sum = 0, word = 0, stops = 0, key_bytes;
	__u32 count, i;

#pragma clang loop unroll(disable)
	for (i = 0; i < KEY_HASH_MAX_WORDS; i++) {
		if ((const void *)(from + sizeof(word)) > cursor->end) {
			word = load_tail(cursor, from);
			stops = stops_of(word);
			break;
		}
		word = *(const __u64 *)from;
		stops = stops_of(word);
		if (stops)
			break;
		sum = key_hash_add(sum, word, config.hash_keys[2 * i], config.hash_keys[2 * i + 1]);
		from += sizeof(word);
	}
	if (i >= KEY_HASH_MAX_WORDS || !stops)
		return -1;
	key_bytes = ((stops & -stops) >> 7) - 1;
	count = count_bytes(key_bytes);
	if (count != 0)
		sum = key_hash_add(sum, word & key_bytes, config.hash_keys[2 * i], config.hash_keys[2 * i + 1]);
	request->key_length = 8 * i + count;
	request->hash = key_hash_finish(sum, request->key_length);
	return word >> (8 * count) & 0xff;
}

/* One line that is the whole datagram: "get KEY\r\n", or "get KEY ...\r\n" with more keys. */
static __always_inline int parse_get(struct cursor *cursor, __u64 length, struct request *request)
{
	__u64 longest_key = length - COMMAND_BYTES - END_OF_LINE_BYTES;
	int behind_key;

	if (length <= COMMAND_BYTES + END_OF_LINE_BYTES || parse_command(cursor) < 0 || !ends_line(cursor, longest_key))
		return -1;
	behind_key = parse_key(cursor, request);
	if (request->key_length < 1 || request->key_length > KEY_HASH_MAX_KEY)
		return -1;
	return behind_key == ' ' || request->key_length == longest_key ? 0 : -1;
}

static __always_inline int parse_request(struct xdp_md *ctx, struct request *request)
{
	struct cursor cursor = cursor_of(ctx);
	int protocol = parse_ethernet(&cursor);
	__u64 length;

	if (cursor.end - cursor.frame > MAX_FRAME_BYTES)
		return -1;
	if (protocol == ETH_P_IP)
		length = parse_ipv4(&cursor);
	else if (protocol == ETH_P_IPV6)
		length = parse_ipv6(&cursor);
	else
		return -1;
	length = parse_udp(&cursor, length);
	if (length < FRAME_HEADER_BYTES || parse_frame_header(&cursor) < 0)
		return -1;
	request->key_offset = cursor.position + COMMAND_BYTES - cursor.frame;
	return parse_get(&cursor, length - FRAME_HEADER_BYTES, request);
}

#endif /* JAVELIN_MEMCACHED_REQUEST_H */
