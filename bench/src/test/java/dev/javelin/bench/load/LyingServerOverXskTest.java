package dev.javelin.bench.load;

import dev.javelin.afxdp.NetworkNamespace;
import dev.javelin.afxdp.testing.RequiresRoot;
import dev.javelin.afxdp.testing.VethPair;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;

/** The same lies at the far end of a veth pair, found out through AF_XDP. */
@RequiresRoot
@Timeout(120)
class LyingServerOverXskTest extends LyingServerTest {
    private final VethPair pair = VethPair.create(2);

    @AfterEach
    void close() {
        pair.close();
    }

    @Override
    DatagramSocket openServer() throws IOException {
        try (NetworkNamespace _ = pair.enterServer()) {
            return new DatagramSocket(new InetSocketAddress(InetAddress.getByName(VethPair.SERVER_IPV6), 11_211));
        }
    }

    @Override
    Transport openTransport(InetSocketAddress server, int connections) throws IOException {
        try (NetworkNamespace _ = pair.enterClient()) {
            return XskTransports.open(server, List.of(), connections, 1).get(0);
        }
    }
}
