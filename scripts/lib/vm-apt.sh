# Debian's packages of several releases, fetched with lists of our own: the machine's apt is left alone. Sourced after
# common.sh. Everything lies under .build/vm, outside version control.

VM=$ROOT/.build/vm
VM_APT=$VM/apt
VM_SUITES=(bullseye bookworm bookworm-backports trixie trixie-backports)
VM_SECURITY_SUITES=(bullseye-security bookworm-security trixie-security)
# One line a kernel: flavour, Debian's version, the kernel's own name for it (uname -r), suite.
VM_KERNELS=$VM_APT/kernels

# Where the machine itself has its packages from, in both of apt's formats, one address a line.
vm_machine_mirrors() {
    sed -n 's/^URIs:[[:space:]]*\([^[:space:]]*\).*/\1/p' /etc/apt/sources.list.d/*.sources 2>/dev/null || true
    sed -n 's/^deb[[:space:]]\{1,\}\(\[[^]]*\][[:space:]]*\)\{0,1\}\([^[:space:]]*\).*/\2/p' \
        /etc/apt/sources.list /etc/apt/sources.list.d/*.list 2>/dev/null || true
}

# vm_mirror debian|debian-security
vm_mirror() {
    vm_machine_mirrors | sed -n "\\:/$1/\\{0,1\\}\$:p" | awk 'NR == 1 { found = $1 } END { print found }' |
        sed "s:^\$:http\\://deb.debian.org/$1:"
}

vm_write_sources() {
    local suite mirror
    local options="[arch=amd64 signed-by=/usr/share/keyrings/debian-archive-keyring.gpg]"
    mirror=$(vm_mirror debian)
    for suite in "${VM_SUITES[@]}"; do
        echo "deb $options $mirror $suite main"
    done
    mirror=$(vm_mirror debian-security)
    for suite in "${VM_SECURITY_SUITES[@]}"; do
        echo "deb $options $mirror $suite main"
    done
}

vm_apt() {
    apt-get -q -o "Dir::Etc::SourceList=$VM_APT/sources.list" -o Dir::Etc::SourceParts=/dev/null \
        -o "Dir::State::Lists=$VM_APT/lists" -o "Dir::Cache=$VM_APT" -o APT::Sandbox::User=root \
        -o Acquire::Languages=none -o Acquire::Retries=2 "$@" </dev/null
}

# The packages of all suites: name, version, suite.
vm_packages() {
    local list suite
    for list in "$VM_APT"/lists/*_Packages*; do
        suite=${list##*_dists_}
        suite=${suite%%_*}
        /usr/lib/apt/apt-helper cat-file "$list" |
            awk -v suite="$suite" '/^Package: / { name = $2 } /^Version: / { print name, $2, suite }'
    done
}

# The kernels among them; a name of two numbers only is a package that means the newest. Where the image is in a package
# of its own, mirrors drop the modules first.
vm_kernels_of_packages() {
    awk '
        NR == FNR { there[$1, $2]; next }
        $1 ~ /^linux-image-[0-9]+\.[0-9]+\.[0-9].*-amd64$/ && $1 !~ /-rt-amd64$/ {
            name = substr($1, length("linux-image-") + 1)
            if (("linux-binary-" name, $2) in there && !(("linux-modules-" name, $2) in there)) next
            print name ~ /-cloud-amd64$/ ? "cloud" : "full", $2, name, $3
        }' "$VM_APT/packages" "$VM_APT/packages" | sort -k2,2V -k4,4
}

vm_update_lists() {
    say "reading the lists of Debian's packages"
    mkdir -p "$VM_APT/lists/partial" "$VM_APT/archives/partial"
    vm_write_sources >"$VM_APT/sources.list"
    # A mirror need not have every suite.
    vm_apt update >"$VM_APT/update.log" 2>&1 || complain "some lists could not be read: $VM_APT/update.log"
    vm_packages >"$VM_APT/packages"
    vm_kernels_of_packages >"$VM_KERNELS" || true
    [ -s "$VM_KERNELS" ] || { rm -f "$VM_KERNELS"; fail "no kernels in the lists of Debian's packages: $VM_APT/update.log"; }
}

# The lists of today, or at most a day old.
vm_need_lists() {
    [ -n "$(find "$VM_KERNELS" -mmin -1440 2>/dev/null)" ] || vm_update_lists
}

# vm_fetch DIRECTORY PACKAGE=VERSION...: unpacks packages there; 1 if the mirror does not have them. vm-prepare removes
# what that leaves behind.
vm_fetch() {
    local directory=$1 work file
    shift
    work=$(mktemp -d "$VM/fetch.XXXXXX")
    mkdir "$work/debs" "$work/files"
    (cd "$work/debs" && vm_apt download "$@") >"$VM_APT/download.log" 2>&1 || return 1
    for file in "$work"/debs/*.deb; do
        dpkg-deb -x "$file" "$work/files" >>"$VM_APT/download.log" 2>&1 || return 1
    done
    rm -rf "$directory"
    mkdir -p "$(dirname "$directory")"
    mv "$work/files" "$directory"
}
