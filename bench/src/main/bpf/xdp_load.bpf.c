/*
 * Gives the load generator its replies: UDP datagrams from the server's address and port to one of the generator's
 * ports go to the socket of the queue at which they arrive, everything else, and every doubt, to the kernel. It looks
 * at nothing behind the ports: lengths are the generator's to judge, which counts the bad ones.
 *
 * XdpLoad.java loads this and knows the layout of the configuration and the map.
 */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/udp.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#define IPV4_VERSION_AND_IHL 0x45
#define IP_MORE_FRAGMENTS_OR_OFFSET 0x3fff

/* Written before the program is loaded; constant to the verifier afterwards. */
const volatile struct {
	__u32 server_address[4]; /* network byte order; IPv4 in the first word */
	__u16 ethernet_type;	 /* network byte order: ETH_P_IP or ETH_P_IPV6 */
	__u16 server_port;	 /* network byte order */
	__u16 first_port;	 /* host byte order */
	__u16 port_count;
} config;

struct {
	__uint(type, BPF_MAP_TYPE_XSKMAP);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, sizeof(__u32));
	__uint(max_entries, 1); /* one for each queue of the interface */
} xsks SEC(".maps");

static __always_inline int is_reply(const struct udphdr *udp, const void *end)
{
	if ((const void *)(udp + 1) > end || udp->source != config.server_port)
		return 0;
	return (__u16)(bpf_ntohs(udp->dest) - config.first_port) < config.port_count;
}

static __always_inline int is_ipv4_reply(const struct iphdr *ip, const void *end)
{
	if ((const void *)(ip + 1) > end || *(const __u8 *)ip != IPV4_VERSION_AND_IHL || ip->protocol != IPPROTO_UDP)
		return 0;
	if (ip->saddr != config.server_address[0] || ip->frag_off & bpf_htons(IP_MORE_FRAGMENTS_OR_OFFSET))
		return 0;
	return is_reply((const void *)(ip + 1), end);
}

static __always_inline int is_ipv6_reply(const struct ipv6hdr *ip, const void *end)
{
	const __u32 *source = ip->saddr.in6_u.u6_addr32;

	if ((const void *)(ip + 1) > end || ip->version != 6 || ip->nexthdr != IPPROTO_UDP)
		return 0;
	for (int i = 0; i < 4; i++) {
		if (source[i] != config.server_address[i])
			return 0;
	}
	return is_reply((const void *)(ip + 1), end);
}

SEC("xdp")
int xdp_load(struct xdp_md *ctx)
{
	const void *end = (void *)(long)ctx->data_end;
	const struct ethhdr *ethernet = (void *)(long)ctx->data;
	int is_ours;

	if ((const void *)(ethernet + 1) > end || ethernet->h_proto != config.ethernet_type)
		return XDP_PASS;
	if (config.ethernet_type == bpf_htons(ETH_P_IP))
		is_ours = is_ipv4_reply((const void *)(ethernet + 1), end);
	else
		is_ours = is_ipv6_reply((const void *)(ethernet + 1), end);
	/* A queue without a socket falls through to the kernel. */
	return is_ours ? bpf_redirect_map(&xsks, ctx->rx_queue_index, XDP_PASS) : XDP_PASS;
}
