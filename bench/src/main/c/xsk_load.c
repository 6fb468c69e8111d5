/*
 * The yardstick for the load generator: what a plain C program sends and receives through AF_XDP, with libxdp's own
 * ring functions, the generator's ring sizes, batch, frames, window and XDP program. It does what any generator must:
 * it draws a key, writes the whole frame with right checksums, checks every length of a reply, and matches it to its
 * request. It keeps no histogram and does not look at values. scripts/bench generator compiles and runs it.
 *
 * usage: xsk_load XDP-OBJECT INTERFACE QUEUES OWN-IP OWN-MAC SERVER-IP SERVER-MAC PORT FIRST-PORT CONNECTIONS KEYS
 *        WINDOW WARMUP SECONDS
 * Prints one JSON object: seconds, rate, sent, answered, lost, malformed, cpu_ns
 * (of this thread, per answer), windows (answers in each 100 ms).
 */
#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/if_link.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netinet/ip.h>
#include <netinet/udp.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include <xdp/xsk.h>

/* As in XskQueue.java. */
#define BATCH 64
#define RX_FRAMES 2048
#define TX_FRAMES 2048
#define FRAME_BYTES 2048
/* As in Engine.java. */
#define SLOTS (1 << 16)
#define TIMEOUT_NS 500000000ull
#define WINDOW_NS 100000000ull

#define KEY_BYTES 16
#define MAX_QUEUES 64
#define MAX_WINDOWS 36000
#define FRAME_HEADER_BYTES 8
#define PAYLOAD_BYTES (FRAME_HEADER_BYTES + 4 + KEY_BYTES + 2)
#define HEADER_BYTES (sizeof(struct ether_header) + sizeof(struct iphdr) + sizeof(struct udphdr))
#define XDP_MAX_TX_BUDGET 9 /* XDP_MAX_TX_SKB_BUDGET: kernel 6.17 */

struct config { /* as in xdp_load.bpf.c */
	uint32_t server_address[4];
	uint16_t ethernet_type;
	uint16_t server_port;
	uint16_t first_port;
	uint16_t port_count;
};

struct frame {
	struct ether_header ethernet;
	struct iphdr ip;
	struct udphdr udp;
	uint8_t payload[];
} __attribute__((packed));

struct queue {
	struct xsk_umem *umem;
	struct xsk_socket *socket;
	struct xsk_ring_prod fill;
	struct xsk_ring_cons completion;
	struct xsk_ring_cons rx;
	struct xsk_ring_prod tx;
	uint8_t *memory;
	uint64_t free_frames[TX_FRAMES];
	uint32_t free_count;
	uint32_t queued;
};

struct slot {
	uint64_t sent_ns;
	uint16_t port;
	uint8_t is_waiting;
};

static struct queue queues[MAX_QUEUES];
static struct pollfd descriptors[MAX_QUEUES];
static struct slot slots[SLOTS];
static int queue_count;
static struct frame template;
static uint32_t ip_sum;
static uint32_t udp_sum;
static struct config config;
static char (*keys)[KEY_BYTES + 1];
static uint32_t key_count;
static uint64_t next_request;
static uint64_t oldest_request;
static uint32_t waiting;
static uint64_t now_ns;
static uint64_t random_state = 1;
static uint64_t sent, answered, lost, malformed;
static uint64_t windows[MAX_WINDOWS];

static void die(const char *what, int error)
{
	fprintf(stderr, "xsk_load: %s: %s\n", what, strerror(error < 0 ? -error : error));
	exit(1);
}

static uint64_t clock_ns(clockid_t clock)
{
	struct timespec time;

	clock_gettime(clock, &time);
	return time.tv_sec * 1000000000ull + time.tv_nsec;
}

static uint32_t sum(const void *bytes, size_t length)
{
	const uint8_t *at = bytes;
	uint64_t sum = 0;
	uint32_t word;

	for (; length >= 4; at += 4, length -= 4) {
		memcpy(&word, at, 4);
		sum += word;
	}
	if (length >= 2) {
		uint16_t half;

		memcpy(&half, at, 2);
		sum += half;
		at += 2;
		length -= 2;
	}
	if (length)
		sum += *at;
	sum = (sum & 0xffffffff) + (sum >> 32);
	sum = (sum & 0xffff) + (sum >> 16);
	return (sum & 0xffff) + (sum >> 16);
}

static uint16_t finish(uint64_t sum)
{
	sum = (sum & 0xffffffff) + (sum >> 32);
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	return ~sum;
}

static void open_queue(struct queue *queue, const char *interface, int id, int map)
{
	struct xsk_umem_config umem = {
		.fill_size = 2 * RX_FRAMES, .comp_size = TX_FRAMES, .frame_size = FRAME_BYTES,
	};
	struct xsk_socket_config socket = {
		.rx_size = RX_FRAMES, .tx_size = TX_FRAMES,
		.libxdp_flags = XSK_LIBXDP_FLAGS__INHIBIT_PROG_LOAD, .bind_flags = XDP_USE_NEED_WAKEUP,
	};
	size_t bytes = (size_t)(RX_FRAMES + TX_FRAMES) * FRAME_BYTES;
	int budget = TX_FRAMES;
	uint32_t index = 0;
	int result;

	queue->memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	if (queue->memory == MAP_FAILED)
		die("mmap", errno);
	result = xsk_umem__create(&queue->umem, queue->memory, bytes, &queue->fill, &queue->completion, &umem);
	if (result)
		die("xsk_umem__create", result);
	/* A queue whose last socket has just been closed is busy for a moment. */
	for (int tries = 0; tries < 300; tries++) {
		result = xsk_socket__create(&queue->socket, interface, id, queue->umem, &queue->rx, &queue->tx, &socket);
		if (result != -EBUSY)
			break;
		usleep(10000);
	}
	if (result)
		die("xsk_socket__create", result);
	setsockopt(xsk_socket__fd(queue->socket), SOL_XDP, XDP_MAX_TX_BUDGET, &budget, sizeof(budget));
	xsk_ring_prod__reserve(&queue->fill, RX_FRAMES, &index);
	for (int i = 0; i < RX_FRAMES; i++)
		*xsk_ring_prod__fill_addr(&queue->fill, index + i) = (uint64_t)i * FRAME_BYTES;
	xsk_ring_prod__submit(&queue->fill, RX_FRAMES);
	for (int i = TX_FRAMES - 1; i >= 0; i--)
		queue->free_frames[queue->free_count++] = (uint64_t)(RX_FRAMES + i) * FRAME_BYTES;
	result = xsk_socket__fd(queue->socket);
	if (bpf_map_update_elem(map, &id, &result, 0))
		die("bpf_map_update_elem", errno);
	descriptors[id] = (struct pollfd){.fd = result, .events = POLLIN};
}

static void load_program(const char *file, int *map, int *program)
{
	struct bpf_object *object = bpf_object__open(file);
	struct bpf_map *xsks;

	if (!object)
		die("bpf_object__open", errno);
	xsks = bpf_object__find_map_by_name(object, "xsks");
	if (bpf_map__set_initial_value(bpf_object__find_map_by_name(object, ".rodata"), &config, sizeof(config)) ||
	    bpf_map__set_max_entries(xsks, queue_count) || bpf_object__load(object))
		die("bpf_object__load", errno);
	*map = bpf_map__fd(xsks);
	*program = bpf_program__fd(bpf_object__find_program_by_name(object, "xdp_load"));
}

/* The link is closed by the kernel when this process ends, and the program leaves the interface. */
static void attach(int program, const char *interface)
{
	LIBBPF_OPTS(bpf_link_create_opts, native, .flags = XDP_FLAGS_DRV_MODE);

	if (bpf_link_create(program, if_nametoindex(interface), BPF_XDP, &native) < 0)
		die("bpf_link_create", errno);
}

static void parse_mac(const char *text, uint8_t *mac)
{
	if (sscanf(text, "%hhx:%hhx:%hhx:%hhx:%hhx:%hhx", mac, mac + 1, mac + 2, mac + 3, mac + 4, mac + 5) != 6)
		die(text, EINVAL);
}

static void make_template(char **argv, uint16_t port)
{
	uint16_t pseudo[2] = {htons(IPPROTO_UDP), 0};

	parse_mac(argv[5], template.ethernet.ether_shost);
	parse_mac(argv[7], template.ethernet.ether_dhost);
	template.ethernet.ether_type = htons(ETHERTYPE_IP);
	template.ip.version = 4;
	template.ip.ihl = 5;
	template.ip.frag_off = htons(IP_DF);
	template.ip.ttl = 64;
	template.ip.protocol = IPPROTO_UDP;
	template.ip.saddr = inet_addr(argv[4]);
	template.ip.daddr = inet_addr(argv[6]);
	template.udp.dest = htons(port);
	ip_sum = sum(&template.ip, sizeof(template.ip));
	udp_sum = sum(&template.ip.saddr, 8) + sum(pseudo, 4) + template.udp.dest;
}

static uint32_t draw(void)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return ((random_state >> 32) * key_count) >> 32;
}

static uint32_t write_frame(uint8_t *at, uint16_t id, uint16_t source_port, const char *key)
{
	struct frame *frame = (void *)at;
	uint16_t header[4] = {htons(id), 0, htons(1), 0};
	uint16_t udp_length = htons(sizeof(struct udphdr) + PAYLOAD_BYTES);
	uint16_t check;

	memcpy(frame, &template, HEADER_BYTES);
	memcpy(frame->payload, header, sizeof(header));
	memcpy(frame->payload + 8, "get ", 4);
	memcpy(frame->payload + 12, key, KEY_BYTES);
	memcpy(frame->payload + 12 + KEY_BYTES, "\r\n", 2);
	frame->ip.tot_len = htons(HEADER_BYTES - sizeof(struct ether_header) + PAYLOAD_BYTES);
	frame->ip.check = finish((uint64_t)ip_sum + frame->ip.tot_len);
	frame->udp.source = htons(source_port);
	frame->udp.len = udp_length;
	check = finish((uint64_t)udp_sum + frame->udp.source + 2 * (uint32_t)udp_length +
		       sum(frame->payload, PAYLOAD_BYTES));
	frame->udp.check = check ? check : 0xffff;
	return HEADER_BYTES + PAYLOAD_BYTES;
}

static void reap(struct queue *queue)
{
	uint32_t index;
	uint32_t count = xsk_ring_cons__peek(&queue->completion, TX_FRAMES, &index);

	for (uint32_t i = 0; i < count; i++)
		queue->free_frames[queue->free_count++] = *xsk_ring_cons__comp_addr(&queue->completion, index + i);
	xsk_ring_cons__release(&queue->completion, count);
}

static int send_request(void)
{
	struct slot *slot = &slots[next_request % SLOTS];
	uint16_t connection = next_request % config.port_count;
	struct queue *queue = &queues[connection % queue_count];
	struct xdp_desc *descriptor;
	uint32_t index;
	uint64_t address;

	if (!queue->free_count)
		reap(queue);
	if (!queue->free_count || !xsk_ring_prod__reserve(&queue->tx, 1, &index))
		return 0;
	address = queue->free_frames[--queue->free_count];
	descriptor = xsk_ring_prod__tx_desc(&queue->tx, index);
	descriptor->addr = address;
	descriptor->options = 0;
	descriptor->len = write_frame(queue->memory + address, next_request % SLOTS, config.first_port + connection,
				      keys[draw()]);
	queue->queued++;
	*slot = (struct slot){.sent_ns = now_ns, .port = config.first_port + connection, .is_waiting = 1};
	next_request++;
	waiting++;
	sent++;
	return 1;
}

static void flush(struct queue *queue)
{
	if (queue->queued) {
		xsk_ring_prod__submit(&queue->tx, queue->queued);
		queue->queued = 0;
	}
	if (queue->free_count < TX_FRAMES) {
		if (xsk_prod_nb_free(&queue->tx, TX_FRAMES) < TX_FRAMES && xsk_ring_prod__needs_wakeup(&queue->tx))
			sendto(xsk_socket__fd(queue->socket), NULL, 0, MSG_DONTWAIT, NULL, 0);
		reap(queue);
	}
}

static void take(const uint8_t *at, uint32_t length)
{
	const struct frame *frame = (const void *)at;
	uint16_t total, udp_length, port, id;

	if (length < HEADER_BYTES + FRAME_HEADER_BYTES || frame->ethernet.ether_type != htons(ETHERTYPE_IP) ||
	    *(const uint8_t *)&frame->ip != 0x45 || frame->ip.protocol != IPPROTO_UDP ||
	    frame->ip.frag_off & htons(IP_MF | IP_OFFMASK) || frame->ip.saddr != template.ip.daddr ||
	    frame->ip.daddr != template.ip.saddr || frame->udp.source != template.udp.dest)
		goto bad;
	total = ntohs(frame->ip.tot_len);
	udp_length = ntohs(frame->udp.len);
	port = ntohs(frame->udp.dest);
	if (total > length - sizeof(struct ether_header) || udp_length != total - sizeof(struct iphdr) ||
	    udp_length < sizeof(struct udphdr) + FRAME_HEADER_BYTES)
		goto bad;
	memcpy(&id, frame->payload, sizeof(id));
	id = ntohs(id);
	if (!slots[id].is_waiting || slots[id].port != port)
		goto bad;
	slots[id].is_waiting = 0;
	waiting--;
	answered++;
	return;
bad:
	malformed++;
}

static uint32_t receive(struct queue *queue)
{
	uint32_t index, fill = 0;
	uint32_t count = xsk_ring_cons__peek(&queue->rx, BATCH, &index);

	if (!count)
		return 0;
	xsk_ring_prod__reserve(&queue->fill, count, &fill);
	for (uint32_t i = 0; i < count; i++) {
		const struct xdp_desc *descriptor = xsk_ring_cons__rx_desc(&queue->rx, index + i);

		take(queue->memory + descriptor->addr, descriptor->len);
		*xsk_ring_prod__fill_addr(&queue->fill, fill + i) = descriptor->addr & -(uint64_t)FRAME_BYTES;
	}
	xsk_ring_cons__release(&queue->rx, count);
	xsk_ring_prod__submit(&queue->fill, count);
	if (xsk_ring_prod__needs_wakeup(&queue->fill))
		recvfrom(xsk_socket__fd(queue->socket), NULL, 0, MSG_DONTWAIT, NULL, NULL);
	return count;
}

static void expire(void)
{
	for (; oldest_request < next_request; oldest_request++) {
		struct slot *slot = &slots[oldest_request % SLOTS];

		if (!slot->is_waiting)
			continue;
		if (now_ns - slot->sent_ns < TIMEOUT_NS && next_request - oldest_request < SLOTS - BATCH)
			return;
		slot->is_waiting = 0;
		waiting--;
		lost++;
	}
}

static uint32_t receive_all(int wait_ms)
{
	uint32_t count = 0;

	for (int i = 0; i < queue_count; i++)
		count += receive(&queues[i]);
	if (count || !wait_ms)
		return count;
	poll(descriptors, queue_count, wait_ms);
	for (int i = 0; i < queue_count; i++)
		count += receive(&queues[i]);
	return count;
}

static void run(double seconds, uint32_t window)
{
	uint64_t start_ns, end_ns;

	sent = answered = lost = malformed = 0;
	memset(windows, 0, sizeof(windows));
	now_ns = start_ns = clock_ns(CLOCK_MONOTONIC);
	end_ns = start_ns + seconds * 1e9;
	while (now_ns < end_ns) {
		uint64_t number = (now_ns - start_ns) / WINDOW_NS;
		int batch = 0;

		while (batch < BATCH && waiting < window && send_request())
			batch++;
		for (int i = 0; i < queue_count; i++)
			flush(&queues[i]);
		windows[number] += receive_all(batch ? 0 : 1);
		now_ns = clock_ns(CLOCK_MONOTONIC);
		expire();
	}
	while (waiting) {
		receive_all(1);
		now_ns = clock_ns(CLOCK_MONOTONIC);
		expire();
	}
}

int main(int argc, char **argv)
{
	int map, program;
	uint64_t cpu_ns;
	uint32_t window;
	double seconds;

	if (argc != 15) {
		fprintf(stderr, "usage: see the head of xsk_load.c\n");
		return 2;
	}
	queue_count = atoi(argv[3]);
	make_template(argv, atoi(argv[8]));
	config = (struct config){{template.ip.daddr}, htons(ETHERTYPE_IP), template.udp.dest, atoi(argv[9]), atoi(argv[10])};
	key_count = atoi(argv[11]);
	window = atoi(argv[12]);
	seconds = atof(argv[14]);
	if (queue_count < 1 || queue_count > MAX_QUEUES || !config.port_count || !key_count || !window || seconds <= 0 ||
	    seconds > MAX_WINDOWS / 10)
		die("arguments", EINVAL);
	keys = malloc((size_t)key_count * sizeof(*keys));
	for (uint32_t i = 0; i < key_count; i++)
		snprintf(keys[i], sizeof(*keys), "key-%012u", i);
	load_program(argv[1], &map, &program);
	for (int i = 0; i < queue_count; i++)
		open_queue(&queues[i], argv[2], i, map);
	attach(program, argv[2]);
	run(atof(argv[13]), window);
	cpu_ns = clock_ns(CLOCK_THREAD_CPUTIME_ID);
	run(seconds, window);
	cpu_ns = clock_ns(CLOCK_THREAD_CPUTIME_ID) - cpu_ns;
	printf("{\"seconds\": %.3f, \"rate\": %.1f, \"sent\": %lu, \"answered\": %lu, \"lost\": %lu, \"malformed\": %lu, "
	       "\"cpu_ns\": %.0f, \"windows\": [",
	       seconds, answered / seconds, sent, answered, lost, malformed, answered ? (double)cpu_ns / answered : 0);
	for (int i = 0; i < (int)(seconds * 10); i++)
		printf("%s%lu", i ? ", " : "", windows[i]);
	printf("]}\n");
	return 0;
}
