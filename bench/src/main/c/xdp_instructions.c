/*
 * The guest's part of scripts/bench instructions: runs the XDP program on a frame for each of its verdicts, between marks
 * at which count_plugin.c prints how many instructions the guest has executed.
 *
 * usage: xdp_instructions XDP-OBJECT TRIES
 * Prints the name of each case when it is done, and has then met 4 marks for each try: before and after a run of a
 * program that does nothing, before and after one of the XDP program, on the same frame.
 */
#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/if_xdp.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/udp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "key_hash.h"

/* What is constant to the XDP program is written here. */
#define const
#define volatile
#include "xdp_config.h"
#undef const
#undef volatile

#define PORT 11211
#define BUCKETS (1 << 16)
#define NEVER_STALE_NS (1ULL << 60)
#define SAMPLES_PER_MILLISECOND 64
#define MOST_COUNTERS 8
#define SHORTEST_FRAME 60 /* a network card fills a frame up to this */
#define FRAME_HEADER_BYTES 8
#define SERVER_IPV4 0xc0000201 /* 192.0.2.1 */
#define CLIENT_IPV4 0xc0000202

#define MARK() __asm__ volatile("xchg %%r15, %%r15" ::: "memory")

/* What the program counts; the order is struct counters' in xdp_memcached.bpf.c. */
enum {
	PASSED = 1 << 0,
	REDIRECTED = 1 << 1,
	MISS = 1 << 2,
	STALE = 1 << 3,
	SAMPLED = 1 << 4,
};

struct run {
	const char *name;
	int is_ipv6;
	int protocol;
	int port;
	int key_length;
	int is_cached;
	int is_alive;
	int samples_used; /* of this millisecond's budget */
	int counted;
};

static const struct run RUNS[] = {
	{"other-port", 0, IPPROTO_UDP, PORT + 1, 16, 0, 1, 0, PASSED},
	{"tcp", 0, IPPROTO_TCP, PORT, 16, 0, 1, 0, PASSED},
	{"miss-16-sampled", 0, IPPROTO_UDP, PORT, 16, 0, 1, 0, PASSED | MISS | SAMPLED},
	{"miss-16-over-budget", 0, IPPROTO_UDP, PORT, 16, 0, 1, SAMPLES_PER_MILLISECOND, PASSED | MISS},
	{"hit-1", 0, IPPROTO_UDP, PORT, 1, 1, 1, 0, REDIRECTED},
	{"hit-16", 0, IPPROTO_UDP, PORT, 16, 1, 1, 0, REDIRECTED},
	{"hit-64", 0, IPPROTO_UDP, PORT, 64, 1, 1, 0, REDIRECTED},
	{"hit-250", 0, IPPROTO_UDP, PORT, 250, 1, 1, 0, REDIRECTED},
	{"hit-16-stale-heartbeat", 0, IPPROTO_UDP, PORT, 16, 1, 0, 0, PASSED | STALE},
	{"hit-16-ipv6", 1, IPPROTO_UDP, PORT, 16, 1, 1, 0, REDIRECTED},
};

static const struct run LAST_OF_16 = {"hit-16-ipv6-last-of-16", 1, IPPROTO_UDP, PORT, 16, 1, 1, 0, REDIRECTED};

struct frame {
	__u8 bytes[2048];
	__u32 length;
};

struct program {
	int nothing;
	struct bpf_object *object;
	struct ring_buffer *misses;
	int fd;
	int xsks;
	int tags;
	int heartbeats;
	int counters;
	int sample_budgets;
};

static void fail(const char *what)
{
	fprintf(stderr, "xdp_instructions: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void check(const char *what, int result)
{
	if (result < 0) {
		errno = -result;
		fail(what);
	}
}

static void ipv6_address(__u32 words[4], __u32 number)
{
	words[0] = htonl(0xfd00006a);
	words[1] = words[2] = 0;
	words[3] = htonl(number);
}

static void configure(__u32 ipv6_count)
{
	static const __u8 mac[ETH_ALEN] = {0x52, 0x54, 0, 0, 0, 1};

	key_hash_expand(1, config.hash_keys);
	config.heartbeat_limit_ns = NEVER_STALE_NS;
	config.queue_count = 1;
	config.bucket_mask = BUCKETS - 1;
	config.ipv4_count = 1;
	config.ipv4_addresses[0] = htonl(SERVER_IPV4);
	/* The one that frames are for comes last. */
	config.ipv6_count = ipv6_count;
	for (__u32 i = 0; i < ipv6_count; i++)
		ipv6_address(config.ipv6_addresses[i], ipv6_count - i);
	config.port = htons(PORT);
	memcpy(config.mac, mac, sizeof(mac));
}

static int map_fd(const struct bpf_object *object, const char *name)
{
	int fd = bpf_object__find_map_fd_by_name(object, name);

	check(name, fd);
	return fd;
}

static void size_map(const struct bpf_object *object, const char *name, __u32 entries)
{
	check(name, bpf_map__set_max_entries(bpf_object__find_map_by_name(object, name), entries));
}

static int ignore(void *context, void *data, size_t size)
{
	(void)context;
	(void)data;
	(void)size;
	return 0;
}

/* A socket that is bound to nothing, with a ring that nothing comes into: enough for the verdict. */
static void register_socket(int xsks)
{
	__u32 queue = 0, ring_entries = 64;
	int socket_fd = socket(AF_XDP, SOCK_RAW, 0);

	if (socket_fd < 0 || setsockopt(socket_fd, SOL_XDP, XDP_RX_RING, &ring_entries, sizeof(ring_entries)) < 0)
		fail("socket");
	check("xsks", bpf_map_update_elem(xsks, &queue, &socket_fd, BPF_ANY));
}

static int load_nothing(void)
{
	static const struct bpf_insn instructions[] = {
		{.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = XDP_PASS},
		{.code = BPF_JMP | BPF_EXIT},
	};
	int program = bpf_prog_load(BPF_PROG_TYPE_XDP, "nothing", "GPL", instructions, 2, NULL);

	check("bpf_prog_load", program);
	return program;
}

static struct program load(const char *file, __u32 ipv6_count)
{
	struct program program = {.nothing = load_nothing(), .object = bpf_object__open_file(file, NULL)};

	if (!program.object)
		fail(file);
	configure(ipv6_count);
	check(".rodata", bpf_map__set_initial_value(bpf_object__find_map_by_name(program.object, ".rodata"), &config,
						    sizeof(config)));
	size_map(program.object, "tags", BUCKETS);
	check(file, bpf_object__load(program.object));
	program.fd = bpf_program__fd(bpf_object__find_program_by_name(program.object, "xdp_memcached"));
	program.xsks = map_fd(program.object, "xsks");
	program.tags = map_fd(program.object, "tags");
	program.heartbeats = map_fd(program.object, "heartbeats");
	program.counters = map_fd(program.object, "counters");
	program.sample_budgets = map_fd(program.object, "sample_budgets");
	program.misses = ring_buffer__new(map_fd(program.object, "misses"), ignore, NULL, NULL);
	if (!program.misses)
		fail("misses");
	register_socket(program.xsks);
	return program;
}

static void append(struct frame *frame, const void *bytes, __u32 length)
{
	memcpy(frame->bytes + frame->length, bytes, length);
	frame->length += length;
}

static void append_ethernet(struct frame *frame, int protocol)
{
	struct ethhdr header = {.h_source = {0x52, 0x54, 0, 0, 0, 2}, .h_proto = htons(protocol)};

	memcpy(header.h_dest, config.mac, ETH_ALEN);
	append(frame, &header, sizeof(header));
}

static __u16 ipv4_checksum(const struct iphdr *header)
{
	const __u16 *words = (const void *)header;
	__u32 sum = 0;

	for (size_t i = 0; i < sizeof(*header) / sizeof(*words); i++)
		sum += words[i];
	sum = (sum & 0xffff) + (sum >> 16);
	return ~(sum + (sum >> 16));
}

static void append_ipv4(struct frame *frame, int protocol, __u32 payload)
{
	struct iphdr header = {.version = 4, .ihl = 5, .ttl = 64, .protocol = protocol};

	header.tot_len = htons(sizeof(header) + payload);
	header.saddr = htonl(CLIENT_IPV4);
	header.daddr = htonl(SERVER_IPV4);
	header.check = ipv4_checksum(&header);
	append(frame, &header, sizeof(header));
}

static void append_ipv6(struct frame *frame, int protocol, __u32 payload)
{
	struct ipv6hdr header = {.version = 6, .hop_limit = 64, .nexthdr = protocol, .payload_len = htons(payload)};

	ipv6_address(header.saddr.s6_addr32, 0x100);
	ipv6_address(header.daddr.s6_addr32, 1);
	append(frame, &header, sizeof(header));
}

static void append_udp(struct frame *frame, int port, __u32 payload)
{
	struct udphdr header = {.source = htons(40000), .dest = htons(port)};

	header.len = htons(sizeof(header) + payload);
	append(frame, &header, sizeof(header));
}

static struct frame frame_of(const struct run *run, const char *key)
{
	static const __u8 frame_header[FRAME_HEADER_BYTES] = {0, 1, 0, 0, 0, 1, 0, 0};
	struct frame frame = {.length = 0};
	__u32 payload = FRAME_HEADER_BYTES + strlen("get ") + run->key_length + strlen("\r\n");

	append_ethernet(&frame, run->is_ipv6 ? ETH_P_IPV6 : ETH_P_IP);
	if (run->is_ipv6)
		append_ipv6(&frame, run->protocol, sizeof(struct udphdr) + payload);
	else
		append_ipv4(&frame, run->protocol, sizeof(struct udphdr) + payload);
	append_udp(&frame, run->port, payload);
	append(&frame, frame_header, FRAME_HEADER_BYTES);
	append(&frame, "get ", strlen("get "));
	append(&frame, key, run->key_length);
	append(&frame, "\r\n", strlen("\r\n"));
	if (frame.length < SHORTEST_FRAME)
		frame.length = SHORTEST_FRAME;
	return frame;
}

static void set_index(const struct program *program, const struct run *run, const char *key)
{
	__u64 hash = key_hash(config.hash_keys, key, run->key_length);
	__u32 index = hash & config.bucket_mask;
	/* The program looks at all ways, whichever it is in. */
	__u16 tags[8] = {run->is_cached ? key_hash_tag(hash) : 0};

	check("tags", bpf_map_update_elem(program->tags, &index, tags, BPF_ANY));
}

static __u64 now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000ULL + now.tv_nsec;
}

static void set_heartbeat(const struct program *program, const struct run *run)
{
	__u32 queue = 0;
	__u64 heartbeat[8] = {run->is_alive ? now_ns() : 0};

	check("heartbeats", bpf_map_update_elem(program->heartbeats, &queue, heartbeat, BPF_ANY));
}

static void set_budget(const struct program *program, const struct run *run)
{
	__u32 zero = 0;
	__u64 budget[2] = {now_ns() / 1000000, run->samples_used};

	check("sample_budgets", bpf_map_update_elem(program->sample_budgets, &zero, budget, BPF_ANY));
}

/* One run, since the kernel patches its own code for more. */
static void run_between_marks(int program, const struct frame *frame)
{
	LIBBPF_OPTS(bpf_test_run_opts, options, .data_in = frame->bytes, .data_size_in = frame->length, .repeat = 1);
	int result;

	MARK();
	result = bpf_prog_test_run_opts(program, &options);
	MARK();
	check("bpf_prog_test_run_opts", result);
}

static void read_counters(const struct program *program, __u64 counters[MOST_COUNTERS])
{
	__u32 queue = 0;

	memset(counters, 0, MOST_COUNTERS * sizeof(*counters));
	check("counters", bpf_map_lookup_elem(program->counters, &queue, counters));
}

/* A case is none if the program has taken another way. The budget may be a new one when the millisecond ends. */
static void check_counters(const struct run *run, const __u64 before[MOST_COUNTERS], const __u64 after[MOST_COUNTERS],
			   __u64 runs)
{
	for (int i = 0; i < MOST_COUNTERS; i++) {
		__u64 counted = after[i] - before[i];

		if (counted != (run->counted >> i & 1 ? runs : 0) && !(1 << i == SAMPLED && counted < runs)) {
			fprintf(stderr, "xdp_instructions: %s: of %llu runs counter %d has counted %llu\n", run->name, runs, i,
				counted);
			exit(1);
		}
	}
}

static void measure(const struct program *program, const struct run *run, int tries)
{
	__u64 before[MOST_COUNTERS], after[MOST_COUNTERS];
	char key[KEY_HASH_MAX_KEY];
	struct frame frame;

	for (int i = 0; i < run->key_length; i++)
		key[i] = 'a' + i % 26;
	frame = frame_of(run, key);
	set_index(program, run, key);
	set_heartbeat(program, run);
	read_counters(program, before);
	for (int i = 0; i < tries; i++) {
		run_between_marks(program->nothing, &frame);
		ring_buffer__consume(program->misses);
		set_budget(program, run);
		run_between_marks(program->fd, &frame);
	}
	read_counters(program, after);
	check_counters(run, before, after, tries);
	puts(run->name);
}

int main(int argc, char **argv)
{
	struct program program;
	int tries;

	if (argc != 3 || (tries = atoi(argv[2])) < 1) {
		fprintf(stderr, "usage: xdp_instructions XDP-OBJECT TRIES\n");
		return 2;
	}
	program = load(argv[1], 1);
	for (size_t i = 0; i < sizeof(RUNS) / sizeof(*RUNS); i++)
		measure(&program, &RUNS[i], tries);
	program = load(argv[1], MAX_ADDRESSES);
	measure(&program, &LAST_OF_16, tries);
	return 0;
}
