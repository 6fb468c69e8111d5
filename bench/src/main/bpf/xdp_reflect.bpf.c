/*
 * Turns every reply of a memcached server into the next request, and sends it back. User space seeds the first requests
 * and those whose replies do not come; the rest stays in the kernel, so this client is faster than what it measures.
 *
 * A request on its way stands in a slot; the request id is the slot's number and the low bits of the slot's sequence
 * number, and the source port follows from both, so a reply finds its slot and proves that it is the one waited for.
 *
 * Reflector.java loads this and knows the layout of the maps.
 */
#include "udp_frame.h"

#define FRAME_HEADER_BYTES 8
#define MAX_TEXT_BYTES 256 /* "get ", a key of 250 bytes, "\r\n" */
#define MAX_REPLY_BYTES 1472
#define SAMPLE_RING_BYTES (4 * 1024 * 1024)

/* A slot's word: its sequence number, and what is with it. */
#define STATE_BITS 2
#define STATE_MASK 3
#define IDLE 0    /* user space may seed a request with this sequence number */
#define WAITING 1 /* a request with this sequence number is on its way */
#define BUSY 2    /* somebody is at it; for a moment only */

/* Latencies: 64 buckets for each power of two, so a bucket is at most 1/64 of its lowest value wide. */
#define SUB_BUCKET_BITS 6
#define LATENCY_BITS 36 /* 68 s; what is longer counts as that */
#define BUCKETS ((LATENCY_BITS - SUB_BUCKET_BITS + 1) << SUB_BUCKET_BITS)

/* Written by Reflector before the program is loaded; constant to the verifier afterwards. */
const volatile struct {
	__u32 server_address[4]; /* network byte order; IPv4 in the first word */
	__u16 server_port;       /* network byte order */
	__u16 first_port;        /* our own, host byte order */
	__u16 port_count;
	__u8 is_ipv6;
	__u8 is_echo;            /* 1: replies are the requests themselves */
	__u32 slot_bits;
	__u32 order_mask;
	__u32 verify_every;      /* one reply in so many goes to user space */
	__u8 by_redirect;        /* 1: send_back() by redirecting */
	__u8 padding[3];
	__u64 window_ns;         /* answers are counted for each stretch of time of this length */
	__u32 window_count;
	__u32 padding2;
} config;

/* Per CPU; the order is ReflectCounter.java's. */
struct counters {
	__u64 sent;
	__u64 answered;
	__u64 hits;
	__u64 misses;
	__u64 malformed;
	__u64 duplicate;
	__u64 late;
	__u64 sampled;
	__u64 not_sent; /* the frame had no room for the next request; user space seeds it */
};

struct cpu_state {
	__u32 cursor; /* in the order */
	__u32 until_sample;
	__u64 window; /* the one at hand, which spares a division for each answer */
	__u64 window_start_ns;
	__u64 start_ns; /* the control's, from which the window was counted */
};

struct key {
	__u32 sum; /* of the text, in the byte order of the frame */
	__u32 length;
	__u8 text[MAX_TEXT_BYTES];
};

struct slot {
	__u64 word;
	__u64 sent_ns;
	__u32 item;
	__u32 lost; /* bit i: the request before the last i ones was counted lost */
	__u64 padding;
};

struct control {
	__u64 start_ns; /* of the stretch that is measured */
	__u64 stop;     /* 1: send no more requests */
};

struct sample {
	__u32 item;
	__u32 length;
	__u8 reply[MAX_REPLY_BYTES];
};

struct histogram {
	__u64 counts[BUCKETS];
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__type(key, __u32);
	__type(value, struct counters);
	__uint(max_entries, 1);
} counters SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__type(key, __u32);
	__type(value, struct cpu_state);
	__uint(max_entries, 1);
} cpu_states SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__type(key, __u32);
	__type(value, struct histogram);
	__uint(max_entries, 1);
} latencies SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__type(key, __u32);
	__type(value, __u64);
	__uint(max_entries, 1); /* window_count */
} windows SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__type(key, __u32);
	__type(value, struct slot);
	__uint(max_entries, 1); /* 1 << slot_bits */
} slots SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__type(key, __u32);
	__type(value, struct key);
	__uint(max_entries, 1); /* number of items */
} keys SEC(".maps");

/* Items in the order in which they are asked for; two in each entry, as the kernel rounds values up to 8 bytes. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__type(key, __u32);
	__type(value, __u32[2]);
	__uint(max_entries, 1); /* (order_mask + 1) / 2 */
} order SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__type(key, __u32);
	__type(value, struct control);
	__uint(max_entries, 1);
} control SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, SAMPLE_RING_BYTES);
} samples SEC(".maps");

/* What the functions below share about the reply at hand. */
struct reply {
	struct counters *counters;
	struct cpu_state *cpu;
	struct slot *slot;
	__u64 word; /* as the slot had it */
	__u64 now_ns;
	__u32 slot_index;
	__u32 text_length;
	__u32 begin; /* the first four bytes of the text, 0 if it has no more than that */
	__u16 id;    /* host byte order */
	__u16 port;
	__u8 fifth; /* byte of the text */
};

/* Behind Ethernet, IP, UDP and memcached's frame header, in replies and requests. */
static __always_inline __u32 text_offset(void)
{
	return sizeof(struct ethhdr) + (config.is_ipv6 ? sizeof(struct ipv6hdr) : sizeof(struct iphdr)) +
	       sizeof(struct udphdr) + FRAME_HEADER_BYTES;
}

static __always_inline __u16 request_id(__u32 sequence, __u32 slot_index)
{
	return sequence << config.slot_bits | slot_index;
}

/* All ports in turn, in an order that no server's choice of threads follows; a division would be dearer. */
static __always_inline __u16 source_port(__u32 sequence, __u32 slot_index)
{
	__u32 scattered = (sequence + slot_index) * 40503 & 0xffff;

	return config.first_port + (scattered * config.port_count >> 16);
}

static __always_inline int is_from_server(const struct udp_frame *frame)
{
	const __u32 *source;

	if (frame->is_ipv6 != config.is_ipv6 || frame->udp->source != config.server_port ||
	    (__u16)(bpf_ntohs(frame->udp->dest) - config.first_port) >= config.port_count)
		return 0;
	if (!config.is_ipv6)
		return ((struct iphdr *)frame->ip)->saddr == config.server_address[0];
	source = ((struct ipv6hdr *)frame->ip)->saddr.in6_u.u6_addr32;
	return source[0] == config.server_address[0] && source[1] == config.server_address[1] &&
	       source[2] == config.server_address[2] && source[3] == config.server_address[3];
}

/* A reply that its slot does not wait for: to an earlier request of the slot, or to none. */
static __always_inline void count_stray(struct reply *reply)
{
	__u32 generations = 1u << (16 - config.slot_bits);
	__u32 sequence = reply->word >> STATE_BITS;
	__u32 age = (sequence - (reply->id >> config.slot_bits)) & (generations - 1);
	__u32 bit;

	if (age == 0)
		age = generations;
	if (age > sequence || age > 32 || source_port(sequence - age, reply->slot_index) != reply->port) {
		reply->counters->malformed++;
		return;
	}
	bit = 1u << (age - 1);
	if (reply->slot->lost & bit) {
		reply->slot->lost &= ~bit;
		reply->counters->late++;
	} else {
		reply->counters->duplicate++;
	}
}

/* Makes the slot ours. Returns -1 if it waits for no such reply. */
static __always_inline int claim_slot(struct reply *reply)
{
	__u64 word = *(volatile __u64 *)&reply->slot->word;
	__u32 sequence = word >> STATE_BITS;

	reply->word = word;
	if ((word & STATE_MASK) == WAITING && request_id(sequence, reply->slot_index) == reply->id &&
	    source_port(sequence, reply->slot_index) == reply->port) {
		__u64 busy = ((word >> STATE_BITS) + 1) << STATE_BITS | BUSY;

		if (__sync_val_compare_and_swap(&reply->slot->word, word, busy) == word) {
			reply->word = busy;
			return 0;
		}
		/* Another CPU has a copy of this reply, or user space has just counted the request lost. */
		reply->word = busy;
	}
	count_stray(reply);
	return -1;
}

/* Gives the slot up; an exchange, so that the slot's other fields are seen before it. */
static __always_inline void release_slot(struct reply *reply, __u64 state)
{
	__sync_lock_test_and_set(&reply->slot->word, (reply->word & ~(__u64)STATE_MASK) | state);
}

static __always_inline __u32 bucket_of(__u64 ns)
{
	__u32 shift = 0;
	__u64 rest = ns >> SUB_BUCKET_BITS;

	if (ns >> LATENCY_BITS)
		return BUCKETS - 1;
	/* The position of the highest bit, by halves. */
	if (rest >> 16) {
		shift += 16;
		rest >>= 16;
	}
	if (rest >> 8) {
		shift += 8;
		rest >>= 8;
	}
	if (rest >> 4) {
		shift += 4;
		rest >>= 4;
	}
	if (rest >> 2) {
		shift += 2;
		rest >>= 2;
	}
	if (rest >> 1)
		shift++;
	return (shift << SUB_BUCKET_BITS) + (ns >> shift);
}

static __always_inline __u32 window_of(struct cpu_state *cpu, __u64 now_ns, __u64 start_ns)
{
	if (cpu->start_ns != start_ns || now_ns - cpu->window_start_ns >= config.window_ns) {
		__u64 window = (now_ns - start_ns) / config.window_ns;

		cpu->start_ns = start_ns;
		cpu->window = window < config.window_count ? window : config.window_count;
		cpu->window_start_ns = start_ns + window * config.window_ns;
	}
	return cpu->window;
}

static __always_inline void count_answer(const struct reply *reply, const struct control *control)
{
	__u32 window = window_of(reply->cpu, reply->now_ns, control->start_ns);
	__u64 *answers = bpf_map_lookup_elem(&windows, &window);
	__u32 zero = 0;
	struct histogram *histogram = bpf_map_lookup_elem(&latencies, &zero);
	__u32 bucket = bucket_of(reply->now_ns - reply->slot->sent_ns);

	reply->slot->lost <<= 1;
	reply->counters->answered++;
	if (answers)
		(*answers)++;
	if (histogram && bucket < BUCKETS)
		histogram->counts[bucket]++;
}

/* Copies the reply's text for user space. Returns -1 if there is no room. */
static __always_inline int sample_reply(struct xdp_md *ctx, struct reply *reply)
{
	__u64 length = reply->text_length;
	struct sample *sample = bpf_ringbuf_reserve(&samples, sizeof(*sample), 0);

	if (!sample)
		return -1;
	sample->item = reply->slot->item;
	sample->length = length;
	barrier_var(length);
	if (length > MAX_REPLY_BYTES ||
	    (length > 0 && bpf_xdp_load_bytes(ctx, text_offset(), sample->reply, length) < 0)) {
		bpf_ringbuf_discard(sample, BPF_RB_NO_WAKEUP);
		return -1;
	}
	bpf_ringbuf_submit(sample, BPF_RB_NO_WAKEUP);
	reply->counters->sampled++;
	return 0;
}

#define WORD(a, b, c, d) ((__u32)(a) | (__u32)(b) << 8 | (__u32)(c) << 16 | (__u32)(d) << 24)

/* What can be seen at the first bytes: "VALUE", "END\r\n", or in an echo "get " and the right length. */
static __always_inline void classify_reply(struct reply *reply)
{
	struct counters *counters = reply->counters;

	if (config.is_echo) {
		struct key *key = bpf_map_lookup_elem(&keys, &reply->slot->item);

		if (key && reply->text_length == key->length && reply->begin == WORD('g', 'e', 't', ' '))
			counters->hits++;
		else
			counters->malformed++;
	} else if (reply->begin == WORD('V', 'A', 'L', 'U') && reply->fifth == 'E') {
		counters->hits++;
	} else if (reply->begin == WORD('E', 'N', 'D', '\r') && reply->fifth == '\n' && reply->text_length == 5) {
		counters->misses++;
	} else {
		counters->malformed++;
	}
}

/* User space judges one reply in so many; the others, and those it has no room for, are judged here. */
static __always_inline void judge_reply(struct xdp_md *ctx, struct reply *reply, int is_single)
{
	int is_to_sample;

	if (!is_single) {
		reply->counters->malformed++;
		return;
	}
	is_to_sample = reply->cpu->until_sample == 0;
	reply->cpu->until_sample = is_to_sample ? config.verify_every - 1 : reply->cpu->until_sample - 1;
	if (!is_to_sample || sample_reply(ctx, reply) < 0)
		classify_reply(reply);
}

/* Who speaks to whom, in the order of the headers. */
struct endpoints {
	__u8 macs[2 * ETH_ALEN];
	__u32 addresses[8]; /* IPv4 in the first two */
};

/* The next request's, which are the reply's the other way round. */
static __always_inline void read_endpoints(const struct udp_frame *frame, struct endpoints *endpoints)
{
	__builtin_memcpy(endpoints->macs, frame->ethernet->h_source, ETH_ALEN);
	__builtin_memcpy(endpoints->macs + ETH_ALEN, frame->ethernet->h_dest, ETH_ALEN);
	if (config.is_ipv6) {
		struct ipv6hdr *ip = frame->ip;

		__builtin_memcpy(endpoints->addresses, &ip->daddr, sizeof(ip->daddr));
		__builtin_memcpy(endpoints->addresses + 4, &ip->saddr, sizeof(ip->saddr));
	} else {
		struct iphdr *ip = frame->ip;

		endpoints->addresses[0] = ip->daddr;
		endpoints->addresses[1] = ip->saddr;
	}
}

static __always_inline void write_ip(void *header, const struct endpoints *endpoints, __u16 length)
{
	if (config.is_ipv6) {
		struct ipv6hdr *ip = header;

		*(__u32 *)ip = bpf_htonl(6u << 28);
		ip->payload_len = bpf_htons(length);
		ip->nexthdr = IPPROTO_UDP;
		ip->hop_limit = 64;
		__builtin_memcpy(&ip->saddr, endpoints->addresses, 2 * sizeof(ip->saddr));
	} else {
		struct iphdr *ip = header;

		*(__u8 *)ip = IPV4_VERSION_AND_IHL;
		ip->tos = 0;
		ip->tot_len = bpf_htons(sizeof(*ip) + length);
		ip->id = 0;
		ip->frag_off = bpf_htons(IP_DONT_FRAGMENT);
		ip->ttl = 64;
		ip->protocol = IPPROTO_UDP;
		ip->check = 0;
		ip->saddr = endpoints->addresses[0];
		ip->daddr = endpoints->addresses[1];
		ip->check = ~fold(add_words(0, ip, sizeof(*ip) / 4));
	}
}

/* All that stands in front of the text. The frame has the request's length already. */
static __always_inline int write_headers(struct xdp_md *ctx, const struct reply *reply, const struct key *key,
					 const struct endpoints *endpoints)
{
	struct udp_frame frame = {
		.ethernet = (void *)(long)ctx->data,
		.end = (void *)(long)ctx->data_end,
		.is_ipv6 = config.is_ipv6,
		.length = sizeof(struct udphdr) + FRAME_HEADER_BYTES + key->length,
	};
	__u32 sequence = reply->word >> STATE_BITS;
	__u16 checksum;
	__u16 *header;

	frame.ip = frame.ethernet + 1;
	frame.udp = frame.ip + (config.is_ipv6 ? sizeof(struct ipv6hdr) : sizeof(struct iphdr));
	header = (void *)(frame.udp + 1);
	if ((void *)(header + 4) > frame.end)
		return -1;
	__builtin_memcpy(frame.ethernet, endpoints->macs, sizeof(endpoints->macs));
	frame.ethernet->h_proto = config.is_ipv6 ? bpf_htons(ETH_P_IPV6) : bpf_htons(ETH_P_IP);
	write_ip(frame.ip, endpoints, frame.length);
	frame.udp->source = bpf_htons(source_port(sequence, reply->slot_index));
	frame.udp->dest = config.server_port;
	frame.udp->len = bpf_htons(frame.length);
	frame.udp->check = 0;
	header[0] = bpf_htons(request_id(sequence, reply->slot_index));
	header[1] = 0;
	header[2] = bpf_htons(1);
	header[3] = 0;
	checksum = ~fold(add_words(pseudo_header_sum(&frame) + key->sum, frame.udp,
				   (sizeof(struct udphdr) + FRAME_HEADER_BYTES) / 4));
	frame.udp->check = checksum ? checksum : 0xffff;
	return 0;
}

/*
 * Makes the frame so many bytes long. Where there is no room behind it, as in veth's copies of short packets, it grows
 * at the front, where XDP always has room: the headers are written anew anyway.
 */
static __always_inline int resize(struct xdp_md *ctx, int bytes)
{
	int more = bytes - (int)(ctx->data_end - ctx->data);

	if (bpf_xdp_adjust_tail(ctx, more) == 0)
		return 0;
	return more > 0 ? bpf_xdp_adjust_head(ctx, -more) : -1;
}

static __always_inline int write_request(struct xdp_md *ctx, const struct udp_frame *frame, const struct reply *reply,
					 const struct key *key)
{
	struct endpoints endpoints = {};
	__u64 length = key->length;

	barrier_var(length);
	if (length < 1 || length > MAX_TEXT_BYTES)
		return -1;
	read_endpoints(frame, &endpoints);
	if (resize(ctx, text_offset() + length) < 0 || write_headers(ctx, reply, key, &endpoints) < 0)
		return -1;
	return bpf_xdp_store_bytes(ctx, text_offset(), (void *)key->text, length);
}

static __always_inline __u32 next_item(struct reply *reply)
{
	__u32 at = reply->cpu->cursor++ & config.order_mask;
	__u32 entry = at >> 1;
	__u32 *items = bpf_map_lookup_elem(&order, &entry);

	return items ? items[at & 1] : 0;
}

static __always_inline int send_next(struct xdp_md *ctx, const struct udp_frame *frame, struct reply *reply)
{
	__u32 item = next_item(reply);
	struct key *key = bpf_map_lookup_elem(&keys, &item);

	if (!key || write_request(ctx, frame, reply, key) < 0) {
		reply->counters->not_sent++;
		release_slot(reply, IDLE);
		return XDP_DROP;
	}
	reply->slot->item = item;
	reply->slot->sent_ns = reply->now_ns;
	reply->counters->sent++;
	release_slot(reply, WAITING);
	return send_back(ctx, config.by_redirect);
}

/* Finds the slot and what the rest needs to know; -1 if there is nothing to be done for it. */
static __always_inline int read_reply(const struct udp_frame *frame, struct reply *reply, int *is_single)
{
	__u16 *header = (void *)(frame->udp + 1);

	if (frame->length < sizeof(struct udphdr) + FRAME_HEADER_BYTES || (void *)(header + 4) > frame->end) {
		reply->counters->malformed++;
		return -1;
	}
	reply->id = bpf_ntohs(header[0]);
	reply->port = bpf_ntohs(frame->udp->dest);
	reply->slot_index = reply->id & ((1u << config.slot_bits) - 1);
	reply->text_length = frame->length - sizeof(struct udphdr) - FRAME_HEADER_BYTES;
	if ((void *)(header + 4) + 5 <= frame->end && reply->text_length >= 5) {
		reply->begin = *(__u32 *)(header + 4);
		reply->fifth = *((__u8 *)(header + 4) + 4);
	}
	*is_single = header[1] == 0 && header[2] == bpf_htons(1) && header[3] == 0;
	reply->slot = bpf_map_lookup_elem(&slots, &reply->slot_index);
	if (!reply->slot) {
		reply->counters->malformed++;
		return -1;
	}
	return claim_slot(reply);
}

SEC("xdp")
int xdp_reflect(struct xdp_md *ctx)
{
	struct udp_frame frame = {};
	struct reply reply = {};
	struct control *run;
	__u32 zero = 0;
	int is_single;

	if (parse_udp_frame(ctx, &frame) < 0 || !is_from_server(&frame))
		return XDP_PASS;
	reply.counters = bpf_map_lookup_elem(&counters, &zero);
	reply.cpu = bpf_map_lookup_elem(&cpu_states, &zero);
	run = bpf_map_lookup_elem(&control, &zero);
	if (!reply.counters || !reply.cpu || !run)
		return XDP_PASS;
	if (read_reply(&frame, &reply, &is_single) < 0)
		return XDP_DROP;
	reply.now_ns = bpf_ktime_get_ns();
	count_answer(&reply, run);
	judge_reply(ctx, &reply, is_single);
	if (*(volatile __u64 *)&run->stop) {
		release_slot(&reply, IDLE);
		return XDP_DROP;
	}
	return send_next(ctx, &frame, &reply);
}
