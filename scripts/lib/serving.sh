# memcached-sr, Javelin and the load generator in the two namespaces of scripts/testbed, for whoever measures. Sourced
# after common.sh; sets WORK, a directory that is removed at the end together with everything that was started.

SERVER=192.0.2.1:11211
# Whatever serves gets the last CPU and the load generator the others, so that both ways are measured on the same CPU.
SERVER_CPU=$(($(nproc) - 1))
CLIENT_CPUS=0$([ $SERVER_CPU -le 1 ] || printf -- '-%d' $((SERVER_CPU - 1)))
WORK=$(mktemp -d)
# A background job of the function in_namespace would be a shell of its own, and a signal to it would end only that.
MEMCACHED=
JAVELIN=

stop() {
    [ -n "$1" ] && kill -0 "$1" 2>/dev/null || return 0
    kill "$1" 2>/dev/null || true
    wait_until 20 not_running "$1" || kill -9 "$1" 2>/dev/null || true
    wait "$1" 2>/dev/null || true
}

not_running() {
    ! kill -0 "$1" 2>/dev/null || [ "$(sed -n 's/^State:[[:space:]]*\(.\).*/\1/p' "/proc/$1/status" 2>/dev/null)" = Z ]
}

clean_up() {
    local status=$?
    trap - EXIT INT TERM
    stop "$JAVELIN"
    stop "$MEMCACHED"
    "$ROOT/scripts/testbed" down >/dev/null 2>&1 || true
    rm -rf "$WORK"
    exit $status
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

memcached_answers() {
    in_namespace $SERVER_NAMESPACE bash -c 'exec 3<>/dev/tcp/192.0.2.1/11211' 2>/dev/null
}

# start_serving QUEUES: the namespaces, and memcached-sr in the server's.
start_serving() {
    "$ROOT/scripts/testbed" up --queues "$1" >/dev/null
    nsenter --net=/var/run/netns/$SERVER_NAMESPACE -- taskset -c $SERVER_CPU "$ROOT/scripts/memcached-sr" -u nobody -t "$1" -U 11211 \
        -l 192.0.2.1,fd00:6a::1 &
    MEMCACHED=$!
    wait_until 20 memcached_answers || fail "memcached-sr did not start"
}

is_ready() {
    grep -q '^ready ' "$WORK/javelin.out" || ! kill -0 "$JAVELIN" 2>/dev/null
}

# start_javelin [-Dkey=value...]: in the server's namespace, ready when this returns.
start_javelin() {
    cat >"$WORK/javelin.properties" <<PROPERTIES
javelin.interface = jv-server
javelin.memcached = $SERVER
javelin.cache.bytes = 64m
PROPERTIES
    : >"$WORK/javelin.out"
    nsenter --net=/var/run/netns/$SERVER_NAMESPACE -- taskset -c $SERVER_CPU "$ROOT/scripts/javelin" run \
        --config "$WORK/javelin.properties" "$@" >"$WORK/javelin.out" &
    JAVELIN=$!
    wait_until 30 is_ready || fail "javelin did not get ready within 30 s"
    grep -q '^ready ' "$WORK/javelin.out" || fail "javelin did not start: the reason stands above"
}

stop_javelin() {
    stop "$JAVELIN"
    JAVELIN=
}

# load NAME OPTIONS...: one run of the load generator in the client's namespace; its result in $WORK/NAME.json.
load() {
    local name=$1
    shift
    in_namespace $CLIENT_NAMESPACE taskset -c $CLIENT_CPUS "$ROOT/scripts/javelin" load --server $SERVER --json "$WORK/$name.json" "$@" || true
    [ -s "$WORK/$name.json" ] || fail "the load generator did not finish"
}

# field NAME KEY: a number from a result.
field() {
    sed -n "s/.*\"$2\": \([0-9.]*\).*/\1/p" "$WORK/$1.json" | head -n 1
}
