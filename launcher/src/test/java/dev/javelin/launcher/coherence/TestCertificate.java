package dev.javelin.launcher.coherence;

import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.Base64;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;

import dev.javelin.launcher.ProcessResult;

/**
 * A key and a certificate made for one test, as memcached wants them in files, and a client that trusts them.
 */
final class TestCertificate {
    private static final String ALIAS = "memcached";
    private static final char[] PASSWORD = "password".toCharArray();

    private final Path certificateFile;
    private final Path keyFile;
    private final SSLContext context;

    private TestCertificate(Path certificateFile, Path keyFile, SSLContext context) {
        this.certificateFile = certificateFile;
        this.keyFile = keyFile;
        this.context = context;
    }

    /** Makes them in a directory. */
    static TestCertificate create(Path directory) throws IOException {
        Path store = directory.resolve("memcached.p12");
        ProcessResult made = ProcessResult.of(Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
            "-genkeypair", "-alias", ALIAS, "-keyalg", "EC", "-storetype", "PKCS12", "-keystore", store.toString(),
            "-storepass", new String(PASSWORD), "-dname", "CN=memcached", "-validity", "2");
        if (made.exitCode() != 0) {
            throw new IOException("keytool: " + made.out() + made.err());
        }
        try (InputStream in = Files.newInputStream(store)) {
            KeyStore keys = KeyStore.getInstance("PKCS12");
            keys.load(in, PASSWORD);
            KeyStore trusted = KeyStore.getInstance("PKCS12");
            trusted.load(null, null);
            trusted.setCertificateEntry(ALIAS, keys.getCertificate(ALIAS));
            TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trust.init(trusted);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, trust.getTrustManagers(), null);
            return new TestCertificate(
                pem(directory.resolve("chain.pem"), "CERTIFICATE", keys.getCertificate(ALIAS).getEncoded()),
                pem(directory.resolve("key.pem"), "PRIVATE KEY", keys.getKey(ALIAS, PASSWORD).getEncoded()), context);
        } catch (GeneralSecurityException e) {
            throw new IOException(e);
        }
    }

    private static Path pem(Path file, String what, byte[] bytes) throws IOException {
        return Files.writeString(file, "-----BEGIN " + what + "-----\n"
            + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(bytes) + "\n-----END " + what + "-----\n");
    }

    /** Returns the value of memcached's option -o. */
    String memcachedOption() {
        return "ssl_chain_cert=" + certificateFile + ",ssl_key=" + keyFile;
    }

    /** Starts TLS over a connection. */
    Socket secure(Socket plain) throws IOException {
        SSLSocket socket = (SSLSocket) context.getSocketFactory().createSocket(
            plain, plain.getInetAddress().getHostAddress(), plain.getPort(), true);
        socket.startHandshake();
        return socket;
    }
}
