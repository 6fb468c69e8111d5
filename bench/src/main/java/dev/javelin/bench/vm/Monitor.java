package dev.javelin.bench.vm;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** QEMU's own command line (QMP), for what is done to the hardware. */
final class Monitor implements AutoCloseable {
    private final SocketChannel channel;
    private final BufferedReader replies;
    private final Writer commands;

    /**
     * Connects.
     *
     * @param socket of QEMU
     * @throws IOException if it does not answer
     */
    Monitor(final Path socket) throws IOException {
        channel = SocketChannel.open(StandardProtocolFamily.UNIX);
        channel.connect(UnixDomainSocketAddress.of(socket));
        replies = new BufferedReader(Channels.newReader(channel, StandardCharsets.UTF_8));
        commands = Channels.newWriter(channel, StandardCharsets.UTF_8);
        execute("{\"execute\": \"qmp_capabilities\"}");
    }

    /**
     * Pulls a card's cable, or puts it back.
     *
     * @param card the id of the device
     * @param isUp whether the cable is in
     * @throws IOException if QEMU refuses
     */
    void setLink(final String card, final boolean isUp) throws IOException {
        execute("{\"execute\": \"set_link\", \"arguments\": {\"name\": \"" + card + "\", \"up\": " + isUp + "}}");
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }

    private void execute(final String command) throws IOException {
        commands.write(command + "\n");
        commands.flush();
        String reply = replies.readLine();
        // The greeting and events come in between.
        while (reply != null && !reply.contains("\"return\"")) {
            if (reply.contains("\"error\"")) {
                throw new IOException("QEMU refuses " + command + ": " + reply);
            }
            reply = replies.readLine();
        }
        if (reply == null) {
            throw new IOException("the virtual machine has ended");
        }
    }
}
