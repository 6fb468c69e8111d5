package dev.javelin.bench.vm;

import java.io.IOException;

/**
 * The part of {@link LightTest} in which things break under a verified load: the cable, the process, the interface.
 * Then a calm load, and no frame may be missing.
 */
final class LightTroubles {
    private static final int DISTURBED_S = 60;
    /** Few, so that sets meet the gets of their keys. */
    private static final int DISTURBED_KEYS = 300;
    private static final int DISTURBED_WINDOW = 16;
    /** The load of scripts/demo. */
    private static final int CALM_S = 10;
    private static final int CALM_KEYS = 2_000;
    private static final int CALM_WINDOW = 64;
    private static final int CALM_ROUNDS = 12;
    private static final long ANSWERS = 20_000;
    private static final long BEFORE_MS = 3_000;
    private static final long TROUBLE_MS = 2_000;
    /** The worker counts its frames when it has had nothing to do for a second. */
    private static final long AT_REST_MS = 4_000;

    private final VirtualMachine machine;
    private final Client client;
    private final GuestServer server;
    private final Steps steps;

    /**
     * Of a Javelin that serves.
     *
     * @param machine where
     * @param client  in its network
     * @param server  in it
     * @param steps   told of each trouble
     */
    LightTroubles(final VirtualMachine machine, final Client client, final GuestServer server, final Steps steps) {
        this.machine = machine;
        this.client = client;
        this.server = server;
        this.steps = steps;
    }

    void run(final boolean isCopying) throws IOException {
        final VerifiedLoad.Outcome disturbed;
        try (VerifiedLoad load = new VerifiedLoad(
            machine.network(), DISTURBED_S, DISTURBED_KEYS, DISTURBED_WINDOW)) {
            Pause.ofMs(BEFORE_MS);
            pullCable();
            Pause.ofMs(BEFORE_MS);
            hang();
            Pause.ofMs(BEFORE_MS);
            killAndStartAgain();
            while (load.isRunning()) {
                steps.waiting("the load goes on");
                Pause.ofMs(500);
            }
            disturbed = load.await();
        }
        judge("with these troubles, ", disturbed);
        interfaceDownAndUp();
        calm(disturbed);
        frames(isCopying);
    }

    private void pullCable() throws IOException {
        machine.setLink(false);
        Pause.ofMs(TROUBLE_MS);
        machine.setLink(true);
        steps.ok("cable out for 2 s, under load");
    }

    private void hang() throws IOException {
        server.signalJavelin("STOP");
        Pause.ofMs(TROUBLE_MS);
        server.signalJavelin("CONT");
        steps.ok("Javelin stopped for 2 s, under load");
    }

    private void killAndStartAgain() throws IOException {
        server.signalJavelin("KILL");
        final int code = server.awaitJavelinsEnd();
        if (server.output("ip link show dev eth0").contains("xdp")) {
            steps.failed("kill -9 left the XDP program on the interface");
        }
        server.startJavelin();
        steps.ok("kill -9 (" + code + ") and a new start, under load");
    }

    /** The interface's own down and up, which makes drivers build their rings anew. */
    private void interfaceDownAndUp() throws IOException {
        server.succeeds("ip link set dev eth0 down; sleep 1; ip link set dev eth0 up; "
            + "ip -6 address replace fd00:6a::1/64 dev eth0 nodad");
        client.set("up", "again");
        LightAnswers.warm(client, "up", "again");
        steps.ok("interface down and up: hits again");
    }

    private void calm(final VerifiedLoad.Outcome disturbed) throws IOException {
        VerifiedLoad.Outcome all = disturbed;
        for (int i = 0; i < CALM_ROUNDS && (i == 0 || all.answered() < ANSWERS); i++) {
            steps.waiting("verified load: " + all);
            try (VerifiedLoad load = new VerifiedLoad(machine.network(), CALM_S, CALM_KEYS, CALM_WINDOW)) {
                all = all.plus(load.await());
            }
        }
        judge("all in all, ", all);
        if (all.answered() < ANSWERS) {
            steps.failed("fewer than " + ANSWERS + " answers");
        }
    }

    private void judge(final String when, final VerifiedLoad.Outcome outcome) {
        if (outcome.isRight()) {
            steps.ok(when + outcome);
        } else {
            steps.failed(when + outcome);
        }
    }

    private void frames(final boolean isCopying) throws IOException {
        Pause.ofMs(AT_REST_MS);
        final long lost = client.metric("javelin_frames_lost");
        final long inDriver = client.metric("javelin_frames_in_driver");
        final String found = "frames: " + lost + " lost, " + inDriver + " in the driver, "
            + client.metric("javelin_get_hits_total") + " hits served";
        if (lost == 0 && (inDriver == 0 || !isCopying)) {
            steps.ok(found);
        } else {
            steps.failed(found);
        }
    }
}
