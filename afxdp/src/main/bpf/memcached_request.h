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

#define MAX_FRAME_BYTES (2048 - 256) /* a UMEM chunk less XDP_PACKET_HEADROOM: a longer frame would be lost */
#define IP_DONT_FRAGMENT 0x4000
#define IPV4_VERSION_AND_IHL 0x45
#define COMMAND "get "
#define COMMAND_BYTES 4
#define END_OF_LINE_BYTES 2

/* A position in the frame. Every parser below moves it on, and returns what it found or -1 for "not ours". */
struct cursor {
	void *position;
	void *end;
};

struct request {
	__u64 hash;
	__u32 key_offset;
	__u32 key_length;
};

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

static __always_inline int parse_ipv4(struct cursor *cursor)
{
	struct iphdr *ip = advance(cursor, sizeof(*ip));

	if (!ip || *(__u8 *)ip != IPV4_VERSION_AND_IHL || ip->protocol != IPPROTO_UDP)
		return -1;
	if (ip->frag_off & bpf_htons(~IP_DONT_FRAGMENT & 0xffff))
		return -1;
	if (!is_served_ipv4(ip->daddr) || is_martian_ipv4(ip->saddr) || !is_ipv4_checksum_right(ip))
		return -1;
	return bpf_ntohs(ip->tot_len) - (int)sizeof(*ip);
}

static __always_inline int parse_ipv6(struct cursor *cursor)
{
	struct ipv6hdr *ip = advance(cursor, sizeof(*ip));

	if (!ip || ip->version != 6 || ip->nexthdr != IPPROTO_UDP)
		return -1;
	if (!is_served_ipv6(&ip->daddr) || !is_global_ipv6(&ip->saddr))
		return -1;
	return bpf_ntohs(ip->payload_len);
}

/* ip_bytes: length of the IP payload. Returns the length of the UDP payload. */
static __always_inline int parse_udp(struct cursor *cursor, int ip_bytes)
{
	void *ip_payload = cursor->position;
	struct udphdr *udp = advance(cursor, sizeof(*udp));
	int length;

	if (ip_bytes < (int)sizeof(*udp) || ip_bytes > MAX_FRAME_BYTES || ip_payload + ip_bytes > cursor->end)
		return -1;
	if (!udp || udp->dest != config.port || udp->source == 0)
		return -1;
	length = bpf_ntohs(udp->len);
	if (length < (int)sizeof(*udp) || length > ip_bytes)
		return -1;
	return length - (int)sizeof(*udp);
}

/* protocol.txt, "UDP protocol": request id, sequence number, number of datagrams, reserved. */
static __always_inline int parse_frame_header(struct cursor *cursor)
{
	__u16 *header = advance(cursor, 4 * sizeof(__u16));

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

/* The last bytes of a frame as a word, zero-padded. */
static __always_inline __u64 load_tail(const __u8 *from, const void *end)
{
	__u64 word = 0;

#pragma unroll
	for (int i = 0; i < 7; i++) {
		if ((const void *)(from + i + 1) > end)
			break;
		word |= (__u64)from[i] << (8 * i);
	}
	return word;
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

/* Finds the end of the key and hashes it on the way. Returns the byte behind the key. */
static __always_inline int parse_key(struct cursor *cursor, struct request *request)
{
	const __u8 *key = cursor->position;
	__u64 sum = 0;

#pragma clang loop unroll(disable)
	for (__u32 i = 0; i < KEY_HASH_MAX_WORDS; i++) {
		const __u8 *from = key + 8 * i;
		int is_tail = (const void *)(from + 8) > cursor->end;
		__u64 word = is_tail ? load_tail(from, cursor->end) : *(const __u64 *)from;
		__u64 stops = stops_of(word);
		__u64 key_bytes = stops ? ((stops & -stops) >> 7) - 1 : ~0ULL;
		__u32 count = stops ? count_bytes(key_bytes) : 8;

		if (count != 0)
			sum = key_hash_add(sum, word & key_bytes, config.hash_keys[2 * i], config.hash_keys[2 * i + 1]);
		if (stops) {
			request->key_length = 8 * i + count;
			request->hash = key_hash_finish(sum, request->key_length);
			return word >> (8 * count) & 0xff;
		}
	}
	return -1;
}

/* One line that is the whole datagram: "get KEY\r\n", or "get KEY ...\r\n" with more keys. */
static __always_inline int parse_get(struct cursor *cursor, int length, struct request *request)
{
	int rest = length - COMMAND_BYTES;
	char *end_of_line;
	int behind_key;

	if (rest <= END_OF_LINE_BYTES || rest > MAX_FRAME_BYTES || parse_command(cursor) < 0)
		return -1;
	end_of_line = cursor->position + (rest - END_OF_LINE_BYTES);
	if ((void *)(end_of_line + END_OF_LINE_BYTES) > cursor->end || end_of_line[0] != '\r' || end_of_line[1] != '\n')
		return -1;
	behind_key = parse_key(cursor, request);
	if (request->key_length < 1 || request->key_length > KEY_HASH_MAX_KEY)
		return -1;
	return behind_key == ' ' || (int)request->key_length == rest - END_OF_LINE_BYTES ? 0 : -1;
}

static __always_inline int parse_request(struct xdp_md *ctx, struct request *request)
{
	void *frame = (void *)(long)ctx->data;
	struct cursor cursor = {frame, (void *)(long)ctx->data_end};
	int protocol = parse_ethernet(&cursor);
	int length;

	if (cursor.end - frame > MAX_FRAME_BYTES)
		return -1;
	if (protocol == ETH_P_IP)
		length = parse_ipv4(&cursor);
	else if (protocol == ETH_P_IPV6)
		length = parse_ipv6(&cursor);
	else
		return -1;
	length = parse_udp(&cursor, length);
	if (length < 0 || parse_frame_header(&cursor) < 0)
		return -1;
	request->key_offset = cursor.position + COMMAND_BYTES - frame;
	return parse_get(&cursor, length - 4 * (int)sizeof(__u16), request);
}

#endif /* JAVELIN_MEMCACHED_REQUEST_H */
