/**
 * Javelin in a virtual machine with another kernel: QEMU, a network between it and this machine, and the tests that run
 * there. scripts/lib/vm-prepare fetches and builds what the machine is made of.
 */
package dev.javelin.bench.vm;
