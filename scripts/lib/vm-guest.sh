# What a virtual machine boots: an initramfs for each kernel, and one disk with a JDK, Javelin, memcached-sr and what they
# need of this machine. Sourced after vm-kernel.sh, vm-count.sh and memcached-sr.sh.

VM_INIT=$ROOT/scripts/lib/vm-init
VM_MODULES=(virtio_pci virtio_net virtio_blk virtio_console igb vmxnet3 e1000e ext4 tun veth)
VM_TOOLS=(sh ip ethtool ss)
VM_DISK=$VM/disk.ext4
VM_OBJECTS=$VM/objects
VM_CLANGS=(14 15 16 17 18 19 20 21)

# vm_modules KERNEL: the files of the modules and of those that they need, in the order to load them. The cloud flavour
# leaves most network cards out, and what one kernel has built in is a module of another.
vm_modules() {
    local module
    for module in "${VM_MODULES[@]}"; do
        modprobe --config /dev/null --dirname "$VM/kernels/$1" --set-version "$1" --show-depends "$module" 2>/dev/null |
            sed -n 's/^insmod \([^ ]*\).*/\1/p'
    done | awk '!seen[$0]++'
}

# vm_copy_module FILE TO: as the kernel itself can read it.
vm_copy_module() {
    case $1 in
        *.xz) xz -dc "$1" >"$2" ;;
        *.zst) zstd -dcq "$1" >"$2" ;;
        *) cp "$1" "$2" ;;
    esac
}

# vm_need_initramfs KERNEL: sets VM_INITRAMFS.
vm_need_initramfs() {
    VM_INITRAMFS=$VM/kernels/$1/initramfs
    [ ! -e "$VM_INITRAMFS" ] || [ -n "$(find "$VM_INIT" "${BASH_SOURCE[0]}" /bin/busybox -newer "$VM_INITRAMFS")" ] ||
        return 0
    local root file number=100
    root=$(mktemp -d "$VM/initramfs.XXXXXX")
    mkdir -p "$root/bin" "$root/modules"
    cp /bin/busybox "$root/bin/busybox"
    cp "$VM_INIT" "$root/init"
    for file in $(vm_modules "$1"); do
        number=$((number + 1))
        vm_copy_module "$file" "$root/modules/$number-$(basename "${file%%.ko*}").ko"
    done
    (cd "$root" && find . | cpio -o -H newc --quiet | gzip -1) >"$VM_INITRAMFS.part"
    rm -rf "$root"
    mv "$VM_INITRAMFS.part" "$VM_INITRAMFS"
}

# The XDP program as every clang of this machine compiles it; the jar has the one of the build.
vm_compile_objects() {
    local number
    for number in "${VM_CLANGS[@]}"; do
        if ! command -v "clang-$number" >/dev/null; then
            rm -rf "$VM_OBJECTS/clang-$number"
            continue
        fi
        CLANG=clang-$number "$ROOT/afxdp/src/main/bpf/compile" "$ROOT/afxdp/src/main/bpf/xdp_memcached.bpf.c" \
            "$VM_OBJECTS/clang-$number/xdp_memcached.bpf.o" || fail "clang-$number does not compile the XDP program"
    done
}

# vm_stage_program FILE NAME ROOT: the program and its libraries.
vm_stage_program() {
    cp -L "$1" "$3/usr/bin/$2"
    vm_stage_libraries "$3" "$1"
}

# vm_stage_libraries ROOT FILE...: the libraries that the files need.
vm_stage_libraries() {
    local root=$1 library
    shift
    for library in $(ldd "$@" 2>/dev/null | grep -o '/[^ :]*\.so[^ :)]*' | grep -v "^$JAVA_HOME/" | sort -u); do
        [ -e "$root$library" ] || cp -L --parents "$library" "$root"
    done
}

# Libraries that Java opens by name.
vm_opened_libraries() {
    ldconfig -p | sed -n 's/^[[:space:]]*lib\(xdp\|bpf\)\.so.* => //p'
}

vm_stage_jdk() {
    mkdir "$1/jdk"
    # Debian's JDK has links out of its directory, and certificates that nobody needs here.
    tar -C "$JAVA_HOME" -ch --exclude=./jmods --exclude=./man --exclude=./lib/src.zip --exclude=./lib/security/cacerts . |
        tar -C "$1/jdk" -x
}

vm_stage_jars() {
    mkdir -p "$1/javelin/bench"
    cp -r "$JAVELIN_JAR" "$(dirname "$JAVELIN_JAR")/lib" "$1/javelin"
    cp -r "$BENCH_JAR" "$(dirname "$BENCH_JAR")/lib" "$1/javelin/bench"
}

vm_stage() {
    local root=$1 directory tool library
    mkdir -p "$root"/{usr/{bin,sbin,lib,lib64},etc,proc,sys,dev,tmp,run,var,busybox}
    for directory in bin sbin lib lib64; do
        ln -s "usr/$directory" "$root/$directory"
    done
    echo root:x:0:0:root:/tmp:/bin/sh >"$root/etc/passwd"
    echo nobody:x:65534:65534:nobody:/tmp:/bin/sh >>"$root/etc/passwd"
    vm_stage_jdk "$root"
    vm_stage_jars "$root"
    vm_stage_libraries "$root" "$JAVA_HOME"/bin/java "$JAVA_HOME"/lib/*.so "$JAVA_HOME"/lib/server/*.so
    vm_stage_program "$(memcached_sr_binary)" memcached "$root"
    for tool in "${VM_TOOLS[@]}"; do
        vm_stage_program "$(command -v "$tool")" "$tool" "$root"
    done
    for library in $(vm_opened_libraries); do
        cp -L --parents "$library" "$root"
        vm_stage_libraries "$root" "$library"
    done
    # The rest of what a shell needs; behind the real tools in PATH.
    cp /bin/busybox "$root/busybox/busybox"
    (cd "$root/busybox" && for tool in $(./busybox --list); do [ "$tool" = busybox ] || ln -s busybox "$tool"; done)
    cp -r "$VM_OBJECTS" "$root/objects"
    vm_stage_program "$VM_XDP_INSTRUCTIONS" xdp_instructions "$root"
}

# What the disk is made of, with sizes and times.
vm_disk_inputs() {
    local tool
    {
        printf '%s\n' "$JAVA_HOME/release" "$JAVELIN_JAR" "$(dirname "$JAVELIN_JAR")"/lib/* "$BENCH_JAR" \
            "$(dirname "$BENCH_JAR")"/lib/* "$(memcached_sr_binary)" "${BASH_SOURCE[0]}" /bin/busybox \
            "$VM_XDP_INSTRUCTIONS"
        for tool in "${VM_TOOLS[@]}"; do
            command -v "$tool"
        done
        vm_opened_libraries
        find "$VM_OBJECTS" -type f
    } | xargs stat -L -c '%n %s %Y'
}

# vm_need_disk: makes VM_DISK anew if what it is made of has changed.
vm_need_disk() {
    mkdir -p "$VM_OBJECTS"
    vm_compile_objects
    vm_compile_c xdp_instructions "$VM_XDP_INSTRUCTIONS" -lbpf
    local inputs root
    inputs=$(vm_disk_inputs)
    [ ! -e "$VM_DISK" ] || [ "$(cat "$VM_DISK.inputs" 2>/dev/null)" != "$inputs" ] || return 0
    say "making the virtual machines' disk"
    root=$(mktemp -d "$VM/disk.XXXXXX")
    vm_stage "$root"
    rm -f "$VM_DISK.part"
    truncate -s "$(($(du -sm "$root" | cut -f1) * 11 / 10 + 16))M" "$VM_DISK.part"
    # ext2 has nothing in it that an old kernel does not know or needs a module for; the driver is ext4's.
    mke2fs -q -F -t ext2 -E root_owner=0:0 -m 0 -d "$root" "$VM_DISK.part" ||
        fail "mke2fs could not make the disk"
    rm -rf "$root"
    mv "$VM_DISK.part" "$VM_DISK"
    echo "$inputs" >"$VM_DISK.inputs"
}
