/*
 * A plugin of QEMU that counts every instruction that the guest executes. Whenever the guest executes xchg %r15,%r15,
 * which does nothing and which no compiler emits, it writes the count, one line each. For one CPU only. Its argument is
 * the file: -plugin count_plugin.so,counts=FILE
 *
 * The declarations are those of qemu-plugin.h, version 1 of its interface, which Debian does not ship; every QEMU since
 * 4.2 takes it.
 */
#include <inttypes.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define EXPORTED __attribute__((visibility("default")))
#define ADD_U64 0 /* enum qemu_plugin_op */
#define NO_REGISTERS 0 /* enum qemu_plugin_cb_flags */

typedef uint64_t plugin_id;

struct block;
struct instruction;

size_t qemu_plugin_tb_n_insns(const struct block *block);
struct instruction *qemu_plugin_tb_get_insn(const struct block *block, size_t index);
const void *qemu_plugin_insn_data(const struct instruction *instruction);
size_t qemu_plugin_insn_size(const struct instruction *instruction);
void qemu_plugin_register_vcpu_tb_trans_cb(plugin_id id, void (*translated)(plugin_id, struct block *));
void qemu_plugin_register_vcpu_insn_exec_inline(struct instruction *instruction, int operation, void *counter,
						uint64_t operand);
void qemu_plugin_register_vcpu_insn_exec_cb(struct instruction *instruction, void (*executed)(unsigned int, void *),
					    int flags, void *data);

EXPORTED int qemu_plugin_version = 1;

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

static int is_mark(const struct instruction *instruction)
{
	return qemu_plugin_insn_size(instruction) == sizeof(MARK) &&
	       !memcmp(qemu_plugin_insn_data(instruction), MARK, sizeof(MARK));
}

static void count_block(plugin_id id, struct block *block)
{
	size_t count = qemu_plugin_tb_n_insns(block);

	(void)id;
	for (size_t i = 0; i < count; i++) {
		struct instruction *instruction = qemu_plugin_tb_get_insn(block, i);

		qemu_plugin_register_vcpu_insn_exec_inline(instruction, ADD_U64, &executed, 1);
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
	qemu_plugin_register_vcpu_tb_trans_cb(id, count_block);
	return 0;
}
