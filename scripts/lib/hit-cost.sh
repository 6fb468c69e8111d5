# What the write table's check adds to a whole hit, memcached-sr and all: sourced by scripts/bench after common.sh.

. "$ROOT/scripts/lib/serving.sh"

# Seconds for filling the cache and for the compiler, and what the generator goes on for when both should be over.
WARM_UP=12
RESERVE=4

# measure_hit_cost KEYS DISTRIBUTION SECONDS: prints one line.
measure_hit_cost() {
    local keys=$1 distribution=$2 seconds=$3 status=0 flags
    read -r -a flags <<<"$(jvm_flags) $(worker_flags)"
    start_serving 1
    in_namespace $CLIENT_NAMESPACE "$ROOT/scripts/javelin" load --server $SERVER --keys "$keys" --load-only >/dev/null
    : >"$WORK/cost.out"
    nsenter --net=/var/run/netns/$SERVER_NAMESPACE -- "$JAVA_HOME/bin/java" "${flags[@]}" -cp "$BENCH_JAR" \
        dev.javelin.bench.cost.HitCost --interface jv-server --memcached "${SERVER%:*}" --keys "$keys" \
        --cpu $SERVER_CPU --warm-up $WARM_UP --seconds "$seconds" >"$WORK/cost.out" &
    COST=$!
    wait_until 30 is_ready "$WORK/cost.out" "$COST" || fail "the workers did not get ready within 30 s"
    load reflect --reflect --keys "$keys" --distribution $distribution --no-load --window 64 --warmup 0 \
        --duration $((WARM_UP + seconds + RESERVE)) --quiet >"$WORK/reflect.out"
    wait "$COST" || status=$?
    COST=
    [ $status = 0 ] || fail "nothing was measured: the reason stands above"
    [ "$(field reflect wrong)" = 0 ] || fail "wrong answers: $(cat "$WORK/reflect.out")"
    printf '%-7s ' "$distribution"
    grep -v '^ready ' "$WORK/cost.out"
}
