/*
 * A plugin of QEMU that counts every instruction that the guest executes. Whenever the guest executes xchg %r15,%r15,
 * which does nothing and which no compiler emits, it writes the count, one line each. For one CPU only. Its argument is
 * the file: -plugin count_plugin.so,counts=FILE
 *
 * The declarations are those of qemu-plugin.h, which Debian does not ship, and of all that the interface has only what is
 * the same in all its versions. QEMU still wants to be told one: 1 until QEMU 8, later more; INTERFACE_VERSION says which.
 */
#include <inttypes.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define EXPORTED __attribute__((visibility("default")))
#define NO_REGISTERS 0 /* enum qemu_plugin_cb_flags */

typedef uint64_t plugin_id;

struct block;
struct instruction;

size_t qemu_plugin_tb_n_insns(const struct block *block);
struct instruction *qemu_plugin_tb_get_insn(const struct block *block, size_t index);
void *qemu_plugin_insn_haddr(const struct instruction *instruction);
size_t qemu_plugin_insn_size(const struct instruction *instruction);
void qemu_plugin_register_vcpu_tb_trans_cb(plugin_id id, void (*translated)(plugin_id, struct block *));
void qemu_plugin_register_vcpu_tb_exec_cb(struct block *block, void (*entered)(unsigned int, void *), int flags,
					  void *data);
void qemu_plugin_register_vcpu_insn_exec_cb(struct instruction *instruction, void (*executed)(unsigned int, void *),
					    int flags, void *data);

EXPORTED int qemu_plugin_version = INTERFACE_VERSION;

static const uint8_t MARK[] = {0x4d, 0x87, 0xff};
static const char ARGUMENT[] = "counts=";
static uint64_t executed;
static FILE *counts;

static void write_count(unsigned int cpu, void *data)
{
	(void)cpu;
	(void)data;
	fprintf(counts, "%" PRIu64 "\n", executed);
	fflush(counts);
}

/* A block that has been entered is executed to its end, but for exceptions. */
static void count_block(unsigned int cpu, void *instructions)
{
	(void)cpu;
	executed += (uintptr_t)instructions;
}

static int is_mark(const struct instruction *instruction)
{
	/* Null where there is no memory behind the address. */
	const void *bytes = qemu_plugin_insn_haddr(instruction);

	return bytes && qemu_plugin_insn_size(instruction) == sizeof(MARK) && !memcmp(bytes, MARK, sizeof(MARK));
}

static void watch_block(plugin_id id, struct block *block)
{
	size_t count = qemu_plugin_tb_n_insns(block);

	(void)id;
	qemu_plugin_register_vcpu_tb_exec_cb(block, count_block, NO_REGISTERS, (void *)(uintptr_t)count);
	for (size_t i = 0; i < count; i++) {
		struct instruction *instruction = qemu_plugin_tb_get_insn(block, i);

		if (is_mark(instruction))
			qemu_plugin_register_vcpu_insn_exec_cb(instruction, write_count, NO_REGISTERS, NULL);
	}
}

EXPORTED int qemu_plugin_install(plugin_id id, const void *info, int argc, char **argv)
{
	(void)info;
	if (argc != 1 || strncmp(argv[0], ARGUMENT, strlen(ARGUMENT))) {
		fprintf(stderr, "count_plugin: its one argument is counts=FILE\n");
		return -1;
	}
	counts = fopen(argv[0] + strlen(ARGUMENT), "w");
	if (!counts) {
		perror(argv[0]);
		return -1;
	}
	qemu_plugin_register_vcpu_tb_trans_cb(id, watch_block);
	return 0;
}
