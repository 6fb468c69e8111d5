# Builds memcached-sr (and, beside it, the same source unchanged) from the distribution's memcached source package.
# Sourced after common.sh. Everything lies under .build/, outside version control.

MEMCACHED_SR_PACKAGES=(dpkg-dev gcc make perl libevent-dev libssl-dev)
MEMCACHED_BUILD=$ROOT/.build/memcached
MEMCACHED_SR_SOURCE=$MEMCACHED_BUILD/sr
MEMCACHED_STOCK_SOURCE=$MEMCACHED_BUILD/stock
MEMCACHED_SR_OURS=$ROOT/slowpath/src/main/memcached-sr
MEMCACHED_SR_APPLIER=$ROOT/slowpath/src/main/java/dev/javelin/slowpath/sr
MEMCACHED_SR_KEY_HASH=$ROOT/afxdp/src/main/bpf/key_hash.h

memcached_sr_binary() {
    printf '%s\n' "$MEMCACHED_SR_SOURCE/memcached"
}

# What the result depends on: our lines, the way they are applied and built, and which source is there.
memcached_sr_stamp() {
    cat "$MEMCACHED_SR_OURS"/* "$MEMCACHED_SR_APPLIER"/*.java "$MEMCACHED_SR_KEY_HASH" "${BASH_SOURCE[0]}" \
        "$MEMCACHED_BUILD"/*.dsc 2>/dev/null \
        | sha256sum | cut -d' ' -f1
}

memcached_sr_is_built() {
    [ -x "$(memcached_sr_binary)" ] && [ -x "$MEMCACHED_STOCK_SOURCE/memcached" ] \
        && [ "$(cat "$MEMCACHED_BUILD/stamp" 2>/dev/null)" = "$(memcached_sr_stamp)" ]
}

# The machine's own sources, each asked for source packages instead of binaries. Both of apt's formats.
memcached_sr_write_sources() {
    local directory=$1 file
    for file in /etc/apt/sources.list.d/*.sources; do
        [ -r "$file" ] || continue
        sed 's/^Types:.*/Types: deb-src/' "$file" >"$directory/$(basename "$file")"
    done
    for file in /etc/apt/sources.list /etc/apt/sources.list.d/*.list; do
        [ -r "$file" ] || continue
        sed -n 's/^deb\(-src\)\{0,1\}[[:space:]]/deb-src /p' "$file" | sort -u >"$directory/$(basename "$file" .list).list"
    done
}

memcached_sr_fetch() {
    local apt=$MEMCACHED_BUILD/apt
    rm -rf "$apt"
    mkdir -p "$apt/parts" "$apt/lists/partial" "$apt/archives/partial"
    memcached_sr_write_sources "$apt/parts"
    local options=(-q -o "Dir::Etc::SourceList=/dev/null" -o "Dir::Etc::SourceParts=$apt/parts"
        -o "Dir::State::Lists=$apt/lists" -o "Dir::Cache=$apt" -o "APT::Get::List-Cleanup=0"
        -o "APT::Sandbox::User=root")
    (cd "$MEMCACHED_BUILD" && apt-get "${options[@]}" update && apt-get "${options[@]}" source --download-only memcached) \
        >"$MEMCACHED_BUILD/fetch.log" 2>&1 </dev/null || return 1
    rm -rf "$apt"
}

# memcached_sr_prepare DIRECTORY: makes configure anew, as the distribution does, if a patch of its own has changed what it
# is made from.
memcached_sr_prepare() {
    [ "$1/configure.ac" -nt "$1/configure" ] || [ "$1/Makefile.am" -nt "$1/Makefile.in" ] || return 0
    command -v autoreconf >/dev/null || install automake
    (cd "$1" && autoreconf -f -i) >"$1.log" 2>&1 </dev/null \
        || { tail -n 20 "$1.log" >&2; fail "autoreconf failed in $1 (the whole log: $1.log)"; }
}

# memcached_sr_compile DIRECTORY: configures and makes the source that lies there.
memcached_sr_compile() {
    (cd "$1" && ./configure --enable-tls && make -j"$(nproc)") >"$1.log" 2>&1 </dev/null \
        || { tail -n 20 "$1.log" >&2; fail "memcached did not build in $1 (the whole log: $1.log)"; }
}

# memcached_sr_apply DIRECTORY: puts our lines and files into the source that lies there.
memcached_sr_apply() {
    "$JAVA_HOME/bin/java" "$MEMCACHED_SR_APPLIER/SourceApplier.java" "$1" "$MEMCACHED_SR_OURS"/*.census \
        "$MEMCACHED_SR_OURS"/*.edits || return 1
    cp "$MEMCACHED_SR_OURS"/*.[ch] "$MEMCACHED_SR_KEY_HASH" "$1"
}

memcached_sr_build() {
    if memcached_sr_is_built; then
        say "memcached-sr: up to date"
        return
    fi
    mkdir -p "$MEMCACHED_BUILD"
    if ! ls "$MEMCACHED_BUILD"/*.dsc >/dev/null 2>&1; then
        say "fetching the distribution's memcached source"
        memcached_sr_fetch || { tail -n 5 "$MEMCACHED_BUILD/fetch.log" >&2; fail "no source package of memcached to be had"; }
    fi
    local dsc
    dsc=$(ls "$MEMCACHED_BUILD"/*.dsc | head -n 1)
    rm -rf "$MEMCACHED_SR_SOURCE" "$MEMCACHED_STOCK_SOURCE"
    dpkg-source --no-check -x "$dsc" "$MEMCACHED_STOCK_SOURCE" >"$MEMCACHED_BUILD/unpack.log" 2>&1 \
        || { tail -n 5 "$MEMCACHED_BUILD/unpack.log" >&2; fail "$dsc could not be unpacked"; }
    memcached_sr_prepare "$MEMCACHED_STOCK_SOURCE"
    cp -a "$MEMCACHED_STOCK_SOURCE" "$MEMCACHED_SR_SOURCE"
    memcached_sr_apply "$MEMCACHED_SR_SOURCE" \
        || fail "our lines do not fit this memcached source: $(basename "$dsc")"
    say "building memcached-sr and stock memcached from $(basename "$dsc" .dsc)"
    memcached_sr_compile "$MEMCACHED_STOCK_SOURCE"
    memcached_sr_compile "$MEMCACHED_SR_SOURCE"
    memcached_sr_stamp >"$MEMCACHED_BUILD/stamp"
    say "built $(memcached_sr_binary) ($("$(memcached_sr_binary)" -V))"
}
