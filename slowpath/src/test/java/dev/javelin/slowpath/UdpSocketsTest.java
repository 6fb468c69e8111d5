package dev.javelin.slowpath;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.javelin.afxdp.testing.RequiresRoot;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

@RequiresRoot
class UdpSocketsTest {
    private static final int WORKERS = 3;
    private static final int CLIENTS = 150;
    private static final byte[] REQUEST = "\0\1\0\0\0\1\0\0get k\r\n".getBytes(StandardCharsets.ISO_8859_1);

    @Test
    void shouldOpenOneSocketPerWorkerAndAddressAndReceiveOnEach() throws Exception {
        List<String> addresses = List.of("127.0.0.1", "127.0.0.2", "::1");
        List<String> options = List.of("-t", Integer.toString(WORKERS), "-l", String.join(",", addresses));
        try (MemcachedProcess memcached = MemcachedProcess.withUdp(options)) {
            for (String address : addresses) {
                assertEquals(WORKERS, receiveQueues(address, memcached.port()).size(), address);
            }
            // While memcached is stopped, what a socket has received stays in its queue and can be counted.
            memcached.signal("STOP");
            List<DatagramSocket> clients = new ArrayList<>();
            for (int i = 0; i < CLIENTS; i++) {
                DatagramSocket client = new DatagramSocket();
                clients.add(client);
                for (String address : addresses) {
                    client.send(new DatagramPacket(REQUEST, REQUEST.length,
                        new InetSocketAddress(InetAddress.getByName(address), memcached.port())));
                }
            }
            for (String address : addresses) {
                List<Long> queues = receiveQueues(address, memcached.port());
                assertTrue(queues.stream().allMatch(bytes -> bytes > 0), address + ": " + queues);
            }
            memcached.signal("CONT");
            for (DatagramSocket client : clients) {
                for (int i = 0; i < addresses.size(); i++) {
                    assertEquals("END\r\n", receive(client));
                }
                client.close();
            }
        }
    }

    private static String receive(DatagramSocket client) throws IOException {
        DatagramPacket reply = new DatagramPacket(new byte[1_500], 1_500);
        client.setSoTimeout(5_000);
        client.receive(reply);
        return new String(reply.getData(), 8, reply.getLength() - 8, StandardCharsets.ISO_8859_1);
    }

    /** Returns the bytes waiting in each socket bound to the address, from /proc/net/udp or udp6. */
    private static List<Long> receiveQueues(String address, int port) throws IOException {
        byte[] bytes = InetAddress.getByName(address).getAddress();
        StringBuilder local = new StringBuilder();
        for (int word = 0; word < bytes.length; word += 4) {
            for (int i = 3; i >= 0; i--) {
                local.append(String.format("%02X", bytes[word + i]));
            }
        }
        local.append(String.format(":%04X", port));
        try (Stream<String> lines = Files.lines(Path.of("/proc/net/" + (bytes.length == 4 ? "udp" : "udp6")))) {
            return lines.map(line -> line.strip().split("\\s+"))
                .filter(fields -> fields[1].contentEquals(local))
                .map(fields -> Long.parseLong(fields[4].substring(fields[4].indexOf(':') + 1), 16))
                .toList();
        }
    }
}
