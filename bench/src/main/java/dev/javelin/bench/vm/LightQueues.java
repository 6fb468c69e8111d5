package dev.javelin.bench.vm;

import java.io.IOException;

/** The part of {@link LightTest} about the end, and a start with another number of queues. */
final class LightQueues {
    private final Client client;
    private final GuestServer server;
    private final Steps steps;
    private final Nic nic;

    /**
     * Of a Javelin that serves.
     *
     * @param client in its network
     * @param server in the machine
     * @param steps  told of each step
     * @param nic    of the machine
     */
    LightQueues(final Client client, final GuestServer server, final Steps steps, final Nic nic) {
        this.client = client;
        this.server = server;
        this.steps = steps;
        this.nic = nic;
    }

    void run() throws IOException {
        if (nic.queues() > 1) {
            changeWhileItRuns();
        }
        end();
        if (nic.queues() > 1) {
            startWithOneQueue();
            end();
        }
    }

    /** Kernels refuse to take a queue away that an AF_XDP socket is bound to. */
    private void changeWhileItRuns() throws IOException {
        final boolean isChanged = server.succeeds("ethtool -L eth0 combined 1");
        client.set("queues", "kept");
        LightAnswers.warm(client, "queues", "kept");
        steps.ok("ethtool -L while it runs is " + (isChanged ? "done" : "refused") + ": hits go on");
    }

    private void startWithOneQueue() throws IOException {
        if (!server.succeeds("ethtool -L eth0 combined 1")) {
            steps.failed("ethtool -L is refused though nothing runs");
            return;
        }
        final String ready = server.startJavelin();
        if (!ready.contains(" queues=0 ")) {
            steps.failed("one queue, but " + ready);
        }
        client.set("queue", "one");
        LightAnswers.warm(client, "queue", "one");
        steps.ok("a start with one queue instead of two: hits");
    }

    private void end() throws IOException {
        server.signalJavelin("TERM");
        final int code = server.awaitJavelinsEnd();
        final boolean isLeft = server.output("ip link show").matches("(?s).*(xdp|javelin).*");
        if (code == 0 && !isLeft) {
            steps.ok("SIGTERM: ends with 0, and leaves nothing");
        } else {
            steps.failed("SIGTERM: ended with " + code + (isLeft ? ", and left something behind" : ""));
        }
    }
}
