# What counts a virtual machine's instructions: QEMU's plugin, and the program in the guest that says between which. Sourced
# after vm-kernel.sh.

VM_XDP_INSTRUCTIONS=$VM/xdp_instructions

# vm_compile_c NAME OUTPUT FLAG...: compiles bench/src/main/c/NAME.c if it, or a header of the XDP program, is newer.
vm_compile_c() {
    local source=$ROOT/bench/src/main/c/$1.c headers=$ROOT/afxdp/src/main/bpf output=$2
    shift 2
    [ ! -e "$output" ] || [ -n "$(find "$source" "$headers" -type f -newer "$output")" ] || return 0
    gcc -O2 -Wall -Wextra -Werror -I "$headers" "$source" -o "$output.part" "$@" || fail "gcc does not compile $source"
    mv "$output.part" "$output"
}

# Sets VM_COUNT_PLUGIN: one for the machine's own QEMU.
vm_need_count_plugin() {
    local version=1
    [ "$(vm_qemu_major)" -lt 9 ] || version=2
    VM_COUNT_PLUGIN=$VM/count_plugin-$version.so
    vm_compile_c count_plugin "$VM_COUNT_PLUGIN" -shared -fPIC -DINTERFACE_VERSION=$version
}
