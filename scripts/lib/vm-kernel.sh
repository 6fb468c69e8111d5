# Kernels and, where the machine's own is too old, QEMU, from Debian's packages. Sourced after vm-apt.sh.

# The oldest QEMU that has an igb.
VM_QEMU_FOR_IGB=8

# vm_newest_kernel FLAVOUR PREFIX: its line of VM_KERNELS, or nothing. 6.1 is a prefix of 6.1.192, not of 6.12.
vm_newest_kernel() {
    awk -v flavour="$1" -v prefix="$2" '
        function begins(version) { return index(version, prefix) == 1 && substr(version, length(prefix) + 1) !~ /^[0-9]/ }
        $1 == flavour && (begins($2) || begins($3)) { found = $0 } END { if (found) print found }' "$VM_KERNELS"
}

# The first two numbers of every version there is: 5.10 6.1 6.12 ...
vm_series() {
    awk '$1 == "cloud" { split($2, part, "."); print part[1] "." part[2] }' "$VM_KERNELS" | sort -u -V
}

vm_say_series() {
    vm_series | paste -s -d ' ' | sed 's/ /, /g'
}

# Zero-copy of virtio-net, as far as somebody has tried.
vm_zero_copy() {
    case $1 in
        5.10 | 6.1 | 6.12) echo no ;;
        6.16 | 6.17 | 6.18 | 7.2 | 7.3) echo yes ;;
        *) echo "not tried" ;;
    esac
}

vm_fetched() {
    if [ -e "$VM/kernels/$1/image" ]; then echo yes; else echo no; fi
}

# One line a series, fields apart by tabs: KERNEL, suite, newest version, fetched, zero-copy.
vm_kernel_table() {
    local series version name suite
    for series in $(vm_series); do
        read -r _ version name suite <<<"$(vm_newest_kernel cloud "$series")"
        printf '%s\t%s\t%s\t%s\t%s\n' "$series" "$suite" "$version" "$(vm_fetched "$name")" "$(vm_zero_copy "$series")"
    done
}

# vm_fetch_kernel NAME VERSION: into kernels/NAME, with the image there under that name. From 6.19 on the files are
# in packages of their own.
vm_fetch_kernel() {
    local directory=$VM/kernels/$1 packages
    [ ! -e "$directory/image" ] || return 0
    say "fetching Linux $2"
    mapfile -t packages < <(awk -v name="$1" -v version="$2" '
        $2 == version && $1 ~ /^linux-(image|binary|modules|base)-/ && substr($1, length($1) - length(name)) == "-" name {
            print $1 "=" $2 }' "$VM_APT/packages" | sort -u)
    vm_fetch "$directory" "${packages[@]}" || return 1
    # depmod and modprobe look below lib.
    [ -e "$directory/lib" ] || ln -s usr/lib "$directory/lib"
    depmod -b "$directory" "$1" || return 1
    ln -s "$(cd "$directory" && find . -name "vmlinuz*" -type f | head -n 1)" "$directory/image"
}

# vm_need_kernel FLAVOUR PREFIX: fetches it and sets VM_KERNEL (its uname -r) and VM_KERNEL_VERSION (Debian's).
vm_need_kernel() {
    vm_need_lists
    vm_set_kernel "$@"
    if ! vm_fetch_kernel "$VM_KERNEL" "$VM_KERNEL_VERSION"; then
        # Mirrors drop what a newer version replaces.
        vm_update_lists
        vm_set_kernel "$@"
        vm_fetch_kernel "$VM_KERNEL" "$VM_KERNEL_VERSION" ||
            fail "Linux $VM_KERNEL_VERSION could not be fetched ($VM_APT/download.log): try another of $(vm_say_series)"
    fi
}

vm_set_kernel() {
    local line prefix=$2
    [ "$prefix" != newest ] || prefix=$(vm_series | tail -n 1)
    line=$(vm_newest_kernel "$1" "$prefix")
    [ -n "$line" ] || usage_error "no kernel '$2': Debian's packages have $(vm_say_series), exact versions of these, and newest"
    read -r _ VM_KERNEL_VERSION VM_KERNEL _ <<<"$line"
}

vm_qemu_major() {
    qemu-system-x86_64 --version | sed -n 's/^QEMU emulator version \([0-9]*\).*/\1/p'
}

# vm_need_qemu NIC: sets VM_QEMU, the program, and VM_QEMU_FILES, where its own files lie if it is not the machine's.
vm_need_qemu() {
    VM_QEMU=qemu-system-x86_64
    VM_QEMU_FILES=
    [ "$1" = igb ] && [ "$(vm_qemu_major)" -lt $VM_QEMU_FOR_IGB ] || return 0
    local version package packages=()
    version=$(awk '$1 == "qemu-system-x86" && $3 == "bookworm-backports" { print $2 }' "$VM_APT/packages" |
        sort -V | tail -n 1)
    VM_QEMU_FILES=$VM/qemu/${version#*:}
    VM_QEMU=$VM_QEMU_FILES/usr/bin/qemu-system-x86_64
    [ ! -x "$VM_QEMU" ] || return 0
    say "fetching QEMU ${version#*:}: the machine's own has no igb"
    for package in qemu-system-x86 qemu-system-common qemu-system-data; do
        packages+=("$package=$(awk -v package=$package '$1 == package && $3 == "bookworm-backports" { print $2 }' \
            "$VM_APT/packages" | sort -V | tail -n 1)")
    done
    vm_fetch "$VM_QEMU_FILES" "${packages[@]}" || fail "QEMU $version could not be fetched: $VM_APT/download.log"
}
