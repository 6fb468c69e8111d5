/*
 * Sends every UDP datagram to one port back to its sender: at once with XDP_TX, or by way of the AF_XDP socket of its
 * queue. Shows what the machine can do at most. Everything else goes to the kernel.
 *
 * EchoServer.java loads this and knows the layout of the maps.
 */
#include "udp_frame.h"

/* Written by EchoServer before the program is loaded; constant to the verifier afterwards. */
const volatile struct {
	__u16 port;       /* network byte order */
	__u8 to_sockets;  /* 1: to the AF_XDP socket of the queue */
	__u8 by_redirect; /* 1: send_back() by redirecting */
} config;

/* Per CPU. */
struct counters {
	__u64 echoed; /* or handed to a socket */
	__u64 passed;
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__type(key, __u32);
	__type(value, struct counters);
	__uint(max_entries, 1);
} counters SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_XSKMAP);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, sizeof(__u32));
	__uint(max_entries, 1); /* number of queues */
} xsks SEC(".maps");

/* Sums a datagram of any length, two bytes at a time, as its last byte may stand alone. */
static __always_inline __u64 sum_datagram(const struct udp_frame *frame)
{
	const __u8 *last = (void *)frame->udp + frame->length - 1;
	const __u8 *at = (void *)frame->udp;
	__u64 sum = 0;

#pragma clang loop unroll(disable)
	for (__u32 i = 0; i < MAX_DATAGRAM_BYTES / 2; i++, at += 2) {
		if (at >= last || (void *)(at + 2) > frame->end)
			break;
		sum += *(__u16 *)at;
	}
	if (at == last && (void *)(at + 1) <= frame->end)
		sum += *at;
	return sum;
}

/*
 * A sender in the same kernel (veth) leaves only the pseudo header's sum in the field and the rest to hardware that is
 * never passed. A receiver would drop the echo for that. Where a complete checksum happens to be the same number, this
 * computes what is there already.
 */
static __always_inline void complete_checksum(struct udp_frame *frame)
{
	__u64 pseudo_header = pseudo_header_sum(frame);
	__u16 checksum;

	if (frame->udp->check != fold(pseudo_header))
		return;
	frame->udp->check = 0;
	checksum = ~fold(pseudo_header + sum_datagram(frame));
	frame->udp->check = checksum ? checksum : 0xffff;
}

/* A datagram from the port itself would be the echo of an echo, and two of them would never stop. */
static __always_inline int is_ours(const struct udp_frame *frame)
{
	return frame->udp->dest == config.port && frame->udp->source != config.port && frame->udp->source != 0;
}

SEC("xdp")
int xdp_echo(struct xdp_md *ctx)
{
	struct udp_frame frame = {};
	__u32 zero = 0;
	struct counters *cpu_counters = bpf_map_lookup_elem(&counters, &zero);
	__u16 port;

	if (!cpu_counters)
		return XDP_PASS;
	if (parse_udp_frame(ctx, &frame) < 0 || !is_ours(&frame)) {
		cpu_counters->passed++;
		return XDP_PASS;
	}
	complete_checksum(&frame);
	cpu_counters->echoed++;
	if (config.to_sockets)
		return bpf_redirect_map(&xsks, ctx->rx_queue_index, XDP_PASS);
	port = frame.udp->source;
	frame.udp->source = frame.udp->dest;
	frame.udp->dest = port;
	swap_ip_addresses(&frame);
	swap_macs(frame.ethernet);
	return send_back(ctx, config.by_redirect);
}
