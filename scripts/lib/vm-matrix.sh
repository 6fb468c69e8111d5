# Every kernel and network card that Javelin is tried on, in virtual machines. Sourced after common.sh.

# KERNEL NIC BIND TEST: the oldest kernel, those of Debian 12 and 13, and the newest; zero-copy where the kernel has it.
VM_ROWS=(
    "5.10 virtio auto load"
    "6.1 virtio auto load"
    "6.12 virtio auto load"
    "6.18 virtio auto load"
    "newest virtio auto load"
    "5.10 virtio copy light"
    "6.1 virtio copy light"
    "6.1 igb copy light"
    "6.12 virtio copy light"
    "6.12 igb copy light"
    "newest virtio zerocopy light"
    "newest virtio copy light"
    "newest igb zerocopy light"
)

# vm_matrix: runs all rows, and then says how each went; 1 if one has failed.
vm_matrix() {
    local row kernel nic bind test started verdict results=() status=0
    for row in "${VM_ROWS[@]}"; do
        read -r kernel nic bind test <<<"$row"
        echo
        say "scripts/vm run $kernel --nic $nic --bind $bind $test"
        started=$SECONDS
        verdict=passed
        "$ROOT/scripts/vm" run "$kernel" --nic "$nic" --bind "$bind" "$test" || { verdict=FAILED; status=1; }
        results+=("$(printf '%-8s %-8s %-9s %-6s %s, %d s' "$kernel" "$nic" "$bind" "$test" "$verdict" $((SECONDS - started)))")
    done
    echo
    printf '%s\n' "${results[@]}"
    return $status
}
