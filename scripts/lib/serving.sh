# memcached-sr, Javelin and the load generator in the two namespaces of scripts/testbed, for whoever measures. Sourced
# after common.sh; sets WORK, a directory that is removed at the end together with everything that was started.

SERVER=192.0.2.1:11211
# Whatever serves gets the last CPU and the load generator the others, so that both ways are measured on the same CPU.
SERVER_CPU=$(($(nproc) - 1))
CLIENT_CPUS=0$([ $SERVER_CPU -le 1 ] || printf -- '-%d' $((SERVER_CPU - 1)))
WORK=$(mktemp -d)
MEMCACHED_STOCK=$ROOT/.build/memcached/stock/memcached
QUEUES=1
# A background job of the function in_namespace would be a shell of its own, and a signal to it would end only that.
MEMCACHED=
MEMCACHED_KIND=
JAVELIN=
ECHO=
GENERATOR=
COST=

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
    stop "$GENERATOR"
    stop "$COST"
    stop "$JAVELIN"
    stop "$ECHO"
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

# start_testbed QUEUES: the namespaces, with so many queues.
start_testbed() {
    "$ROOT/scripts/testbed" up --queues "$1" >/dev/null
    QUEUES=$1
}

# start_memcached sr|stock: in the server's namespace, with a thread for each queue; the other kind ends first.
start_memcached() {
    [ "$MEMCACHED_KIND" != "$1" ] || return 0
    stop_memcached
    local program=("$ROOT/scripts/memcached-sr")
    # The distribution's source without a change, built in the same way.
    [ "$1" = sr ] || program=("$MEMCACHED_STOCK")
    nsenter --net=/var/run/netns/$SERVER_NAMESPACE -- taskset -c $SERVER_CPU "${program[@]}" -u nobody -t "$QUEUES" \
        -U 11211 -l 192.0.2.1,fd00:6a::1 4>&- &
    MEMCACHED=$!
    MEMCACHED_KIND=$1
    wait_until 20 memcached_answers || fail "memcached did not start (kind: $1)"
}

stop_memcached() {
    stop "$MEMCACHED"
    MEMCACHED=
    MEMCACHED_KIND=
}

# start_serving QUEUES: the namespaces, and memcached-sr in the server's.
start_serving() {
    start_testbed "$1"
    start_memcached sr
}

# is_ready OUTPUT PID: it has said so, or has ended.
is_ready() {
    grep -q '^ready ' "$1" || ! kill -0 "$2" 2>/dev/null
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
        --config "$WORK/javelin.properties" "$@" >"$WORK/javelin.out" 4>&- &
    JAVELIN=$!
    wait_until 30 is_ready "$WORK/javelin.out" "$JAVELIN" || fail "javelin did not get ready within 30 s"
    grep -q '^ready ' "$WORK/javelin.out" || fail "javelin did not start: the reason stands above"
}

stop_javelin() {
    stop "$JAVELIN"
    JAVELIN=
}

# start_echo xdp|af_xdp: what sends requests back as they came, ready when this returns; 1 if it cannot, with the reason
# in $WORK/echo.err.
start_echo() {
    : >"$WORK/echo.out"
    nsenter --net=/var/run/netns/$SERVER_NAMESPACE -- taskset -c $SERVER_CPU "$ROOT/scripts/javelin" load \
        --serve-echo "$1" --interface jv-server >"$WORK/echo.out" 2>"$WORK/echo.err" 4>&- &
    ECHO=$!
    wait_until 30 is_ready "$WORK/echo.out" "$ECHO" || echo "the echo did not get ready within 30 s" >>"$WORK/echo.err"
    if ! grep -q '^ready ' "$WORK/echo.out"; then
        stop_echo
        return 1
    fi
}

stop_echo() {
    stop "$ECHO"
    ECHO=
}

# generate NAME OPTIONS...: one run of the load generator in the client's namespace; its result in $WORK/NAME.json. 1 if
# there is none.
generate() {
    local name=$1
    shift
    rm -f "$WORK/$name.json"
    # In the background, so that a signal to us does not wait for its end.
    nsenter --net=/var/run/netns/$CLIENT_NAMESPACE -- taskset -c $CLIENT_CPUS "$ROOT/scripts/javelin" load \
        --server $SERVER --json "$WORK/$name.json" "$@" 4>&- &
    GENERATOR=$!
    wait "$GENERATOR" || true
    GENERATOR=
    [ -s "$WORK/$name.json" ]
}

# load NAME OPTIONS...: the same, for scripts that end without a result.
load() {
    generate "$@" || fail "the load generator did not finish"
}

# field NAME KEY: a number from a result.
field() {
    sed -n "s/.*\"$2\" *: *\([0-9.]*\).*/\1/p" "$WORK/$1.json" | head -n 1
}
