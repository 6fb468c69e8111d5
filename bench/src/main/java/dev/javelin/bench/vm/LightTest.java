package dev.javelin.bench.vm;

import dev.javelin.afxdp.BindMode;
import java.io.IOException;

/** Javelin serves on this kernel and this card, and whatever happens to it, clients get memcached's answers. */
final class LightTest implements GuestTest {
    @Override
    public String name() {
        return "light";
    }

    @Override
    public String description() {
        return "Javelin serves: hits, misses, writes, TCP; kill -9, hang, link down and up; every answer verified";
    }

    @Override
    public void run(final VirtualMachine machine, final RunOptions options, final Steps steps) throws IOException {
        final GuestServer server = new GuestServer(machine.guest(), options, steps);
        server.startMemcached();
        final String ready = server.startJavelin();
        steps.ok(ready);
        if (options.bind() != BindMode.AUTO && !ready.contains("bind=" + options.bind().name().toLowerCase() + " ")) {
            steps.failed("asked for " + options.bind().name().toLowerCase() + ", and got another bind mode");
        }
        try (Client client = new Client(machine.network())) {
            new LightAnswers(client, server, steps).run();
            new LightTroubles(machine, client, server, steps).run(!ready.contains("bind=zerocopy"));
            new LightQueues(client, server, steps, options.nic()).run();
        }
    }
}
