/*
 * Reads a frame as one UDP datagram, and turns it round. For the XDP programs of the measurements.
 */
#ifndef JAVELIN_UDP_FRAME_H
#define JAVELIN_UDP_FRAME_H

#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/types.h>
#include <linux/udp.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#define MAX_DATAGRAM_BYTES 1792 /* UDP header and payload; more than a frame of the usual MTU holds */
#define IP_DONT_FRAGMENT 0x4000
#define IPV4_VERSION_AND_IHL 0x45

struct udp_frame {
	struct ethhdr *ethernet;
	void *ip;
	struct udphdr *udp;
	void *end;     /* of the frame */
	__u32 is_ipv6; /* else IPv4 without options */
	__u32 length;  /* UDP header and payload; all of it lies in the frame */
};

/* Both return the length of the IP payload, or -1 for what carries no whole UDP datagram. */
static __always_inline int parse_ipv4(struct udp_frame *frame)
{
	struct iphdr *ip = frame->ip;

	frame->is_ipv6 = 0;
	frame->udp = (void *)(ip + 1);
	if ((void *)(frame->udp + 1) > frame->end || *(__u8 *)ip != IPV4_VERSION_AND_IHL ||
	    ip->protocol != IPPROTO_UDP || ip->frag_off & bpf_htons(~IP_DONT_FRAGMENT & 0xffff))
		return -1;
	return bpf_ntohs(ip->tot_len) - (int)sizeof(*ip);
}

static __always_inline int parse_ipv6(struct udp_frame *frame)
{
	struct ipv6hdr *ip = frame->ip;

	frame->is_ipv6 = 1;
	frame->udp = (void *)(ip + 1);
	if ((void *)(frame->udp + 1) > frame->end || ip->version != 6 || ip->nexthdr != IPPROTO_UDP)
		return -1;
	return bpf_ntohs(ip->payload_len);
}

/* Returns 0, or -1 for what is not one whole UDP datagram in plain IPv4 or IPv6. */
static __always_inline int parse_udp_frame(struct xdp_md *ctx, struct udp_frame *frame)
{
	void *data = (void *)(long)ctx->data;
	int ip_bytes = -1;

	frame->end = (void *)(long)ctx->data_end;
	frame->ethernet = data;
	frame->ip = data + sizeof(struct ethhdr);
	if (frame->ip > frame->end)
		return -1;
	if (frame->ethernet->h_proto == bpf_htons(ETH_P_IP))
		ip_bytes = parse_ipv4(frame);
	else if (frame->ethernet->h_proto == bpf_htons(ETH_P_IPV6))
		ip_bytes = parse_ipv6(frame);
	if (ip_bytes < (int)sizeof(struct udphdr))
		return -1;
	frame->length = bpf_ntohs(frame->udp->len);
	if (frame->length < sizeof(struct udphdr) || frame->length > (__u32)ip_bytes ||
	    frame->length > MAX_DATAGRAM_BYTES || (void *)frame->udp + frame->length > frame->end)
		return -1;
	return 0;
}

static __always_inline __u64 add_words(__u64 sum, const void *from, int words)
{
	for (int i = 0; i < words; i++)
		sum += ((const __u32 *)from)[i];
	return sum;
}

/* RFC 1071, in the byte order of the frame. */
static __always_inline __u16 fold(__u64 sum)
{
	sum = (sum & 0xffffffff) + (sum >> 32);
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	return sum;
}

/* RFC 768 and RFC 8200: addresses, protocol and length. */
static __always_inline __u64 pseudo_header_sum(const struct udp_frame *frame)
{
	__u64 sum = (__u64)bpf_htons(IPPROTO_UDP) + bpf_htons(frame->length);

	if (frame->is_ipv6)
		return add_words(sum, &((struct ipv6hdr *)frame->ip)->saddr, 8);
	return add_words(sum, &((struct iphdr *)frame->ip)->saddr, 2);
}

static __always_inline void swap_macs(struct ethhdr *ethernet)
{
	__u8 source[ETH_ALEN];

	__builtin_memcpy(source, ethernet->h_source, ETH_ALEN);
	__builtin_memcpy(ethernet->h_source, ethernet->h_dest, ETH_ALEN);
	__builtin_memcpy(ethernet->h_dest, source, ETH_ALEN);
}

/* What is swapped sums to the same, so the checksums stay right. */
static __always_inline void swap_ip_addresses(struct udp_frame *frame)
{
	if (frame->is_ipv6) {
		struct ipv6hdr *ip = frame->ip;
		struct in6_addr source = ip->saddr;

		ip->saddr = ip->daddr;
		ip->daddr = source;
	} else {
		struct iphdr *ip = frame->ip;
		__u32 source = ip->saddr;

		ip->saddr = ip->daddr;
		ip->daddr = source;
	}
}

/*
 * XDP_TX, or a redirect to the interface itself. veth wakes its peer for the former only if the peer has an XDP program
 * of its own (veth_xdp_flush() in the kernel's veth.c), for the latter also if it has GRO on.
 */
static __always_inline int send_back(struct xdp_md *ctx, int by_redirect)
{
	return by_redirect ? bpf_redirect(ctx->ingress_ifindex, 0) : XDP_TX;
}

#endif /* JAVELIN_UDP_FRAME_H */
