/*
 * Decides whose packet this is: a UDP get for a key in the cache goes to the worker of its queue, everything else, and
 * every doubt, to the kernel. It never drops a packet and never changes one.
 *
 * docs/packet-path.md describes the rule; XdpProgram.java loads this and knows the layout of the maps.
 */
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

#include "key_hash.h"
#include "memcached_request.h"
#include "xdp_config.h"

#define WAYS 8
#define METADATA_MAGIC 0x4a564c4e /* "JVLN" */
#define MISS_RING_BYTES (256 * 1024)
#define SAMPLES_PER_MILLISECOND 64
#define NS_PER_MILLISECOND 1000000

enum sample {
	SAMPLE_OVER_BUDGET,
	SAMPLE_DROPPED,
	SAMPLE_TAKEN,
};

/* What the worker finds directly in front of the frame. */
struct frame_metadata {
	__u64 hash;
	__u16 key_offset; /* from the Ethernet header */
	__u16 key_length;
	__u32 magic;
};

/* Per queue and CPU; the order is XdpCounter.java's. */
struct counters {
	__u64 passed;
	__u64 redirected;
	__u64 misses;
	__u64 stale_heartbeat;
	__u64 samples;
	__u64 samples_dropped;
	__u64 without_metadata;
};

struct bucket {
	__u16 tags[WAYS];
};

struct heartbeat {
	__u64 time_ns;
	__u64 padding[7]; /* one cache line for each worker */
};

struct sample_budget {
	__u64 millisecond;
	__u64 used;
};

struct miss {
	__u64 key_length;
	__u64 key[KEY_HASH_MAX_WORDS]; /* what stands behind the key's length is of no meaning */
};

struct {
	__uint(type, BPF_MAP_TYPE_XSKMAP);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, sizeof(__u32));
	__uint(max_entries, 1); /* queue_count */
} xsks SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__type(key, __u32);
	__type(value, struct bucket);
	__uint(max_entries, 1); /* bucket_mask + 1 */
} tags SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__type(key, __u32);
	__type(value, struct heartbeat);
	__uint(max_entries, 1); /* queue_count */
} heartbeats SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__type(key, __u32);
	__type(value, struct counters);
	__uint(max_entries, 2); /* queue_count, and one entry for all queues that are not ours */
} counters SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__type(key, __u32);
	__type(value, struct sample_budget);
	__uint(max_entries, 1);
} sample_budgets SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, MISS_RING_BYTES);
} misses SEC(".maps");

static __always_inline int is_cached(__u64 hash)
{
	__u32 index = (__u32)hash & config.bucket_mask;
	struct bucket *bucket = bpf_map_lookup_elem(&tags, &index);
	__u16 tag = key_hash_tag(hash);

	if (!bucket)
		return 0;
#pragma unroll
	for (int way = 0; way < WAYS; way++) {
		if (bucket->tags[way] == tag)
			return 1;
	}
	return 0;
}

/* 0 is a worker that asks to be left alone, or has never run. */
static __always_inline int is_worker_alive(__u32 queue)
{
	struct heartbeat *heartbeat = bpf_map_lookup_elem(&heartbeats, &queue);
	__u64 time_ns = heartbeat ? *(volatile __u64 *)&heartbeat->time_ns : 0;

	return time_ns != 0 && bpf_ktime_get_ns() < time_ns + config.heartbeat_limit_ns;
}

static __always_inline int is_within_budget(void)
{
	__u32 zero = 0;
	struct sample_budget *budget = bpf_map_lookup_elem(&sample_budgets, &zero);
	__u64 millisecond = bpf_ktime_get_ns() / NS_PER_MILLISECOND;

	if (!budget)
		return 0;
	if (budget->millisecond != millisecond) {
		budget->millisecond = millisecond;
		budget->used = 0;
	}
	return budget->used++ < SAMPLES_PER_MILLISECOND;
}

/*
 * Leaves the key for the filler. Nobody is woken: the slow path polls. Global, so that verifiers check its loop once, and
 * not again for every length of key with which they come here; by words, since bpf_xdp_load_bytes() came with 5.18 only.
 */
__noinline int sample_miss(struct xdp_md *ctx, __u32 key_offset, __u32 key_length)
{
	struct cursor cursor = cursor_of(ctx);
	const __u8 *from = cursor.frame + bounded(key_offset);
	struct miss *miss;

	if (!is_within_budget())
		return SAMPLE_OVER_BUDGET;
	miss = bpf_ringbuf_reserve(&misses, sizeof(*miss), 0);
	if (!miss)
		return SAMPLE_DROPPED;
	miss->key_length = key_length;
#pragma clang loop unroll(disable)
	for (__u32 i = 0; i < KEY_HASH_MAX_WORDS && 8 * i < key_length; i++) {
		if ((const void *)(from + sizeof(*miss->key)) > cursor.end) {
			miss->key[i] = load_tail(&cursor, from);
			break;
		}
		miss->key[i] = *(const __u64 *)from;
		from += sizeof(*miss->key);
	}
	bpf_ringbuf_submit(miss, BPF_RB_NO_WAKEUP);
	return SAMPLE_TAKEN;
}

static __always_inline int write_metadata(struct xdp_md *ctx, const struct request *request)
{
	struct frame_metadata *metadata;

	if (bpf_xdp_adjust_meta(ctx, -(int)sizeof(*metadata)) < 0)
		return -1;
	metadata = (void *)(long)ctx->data_meta;
	if ((void *)(metadata + 1) > (void *)(long)ctx->data)
		return -1;
	metadata->hash = request->hash;
	metadata->key_offset = request->key_offset;
	metadata->key_length = request->key_length;
	metadata->magic = METADATA_MAGIC;
	return 0;
}

static __always_inline void count_miss(struct xdp_md *ctx, const struct request *request, struct counters *counters)
{
	int sample = sample_miss(ctx, request->key_offset, request->key_length);

	counters->misses++;
	if (sample == SAMPLE_TAKEN)
		counters->samples++;
	else if (sample == SAMPLE_DROPPED)
		counters->samples_dropped++;
}

static __always_inline int steer(struct xdp_md *ctx, __u32 queue, struct counters *counters)
{
	struct request request = {};

	if (queue >= config.queue_count || parse_request(ctx, &request) < 0)
		return XDP_PASS;
	if (!is_cached(request.hash)) {
		count_miss(ctx, &request, counters);
		return XDP_PASS;
	}
	if (!is_worker_alive(queue)) {
		counters->stale_heartbeat++;
		return XDP_PASS;
	}
	/* A driver without room in front of the frame: the worker hashes the key once more. */
	if (write_metadata(ctx, &request) < 0)
		counters->without_metadata++;
	/* A queue without a socket, or one whose process has died, falls through to the kernel. */
	return bpf_redirect_map(&xsks, queue, XDP_PASS);
}

SEC("xdp")
int xdp_memcached(struct xdp_md *ctx)
{
	__u32 queue = ctx->rx_queue_index < config.queue_count ? ctx->rx_queue_index : config.queue_count;
	struct counters *queue_counters = bpf_map_lookup_elem(&counters, &queue);
	int action;

	if (!queue_counters)
		return XDP_PASS;
	action = steer(ctx, queue, queue_counters);
	if (action == XDP_REDIRECT)
		queue_counters->redirected++;
	else
		queue_counters->passed++;
	return action;
}
