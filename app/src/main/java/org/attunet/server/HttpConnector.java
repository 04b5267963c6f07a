package org.attunet.server;

import java.io.IOException;
import java.nio.file.Files;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.time.Duration;
import org.attunet.error.AttunetException;
import org.eclipse.jetty.http.UriCompliance;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.SecureRequestCustomizer;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.SslConnectionFactory;
import org.eclipse.jetty.util.ssl.SslContextFactory;

/** Jetty's connector for the server's address: HTTP/1.1, plain or over TLS. */
final class HttpConnector {
    private static final Duration IDLE = Duration.ofSeconds(60);

    private HttpConnector() {}

    /** Returns the connector, which opens when the server starts. */
    static ServerConnector of(ServerConfig config, Server server, HttpConfiguration http) {
        http.setSendServerVersion(false);
        http.setSendXPoweredBy(false);
        http.setRequestHeaderSize(16 << 10);
        // Image ids may hold any character; they stay encoded in the path and are never used as paths on disk.
        http.setUriCompliance(UriCompliance.DEFAULT.with(
                "ids",
                UriCompliance.Violation.AMBIGUOUS_PATH_SEPARATOR,
                UriCompliance.Violation.AMBIGUOUS_PATH_ENCODING));
        ServerConfig.Tls tls = config.tls();
        var plain = new HttpConnectionFactory(http);
        ServerConnector connector;
        if (tls == null) {
            connector = new ServerConnector(server, plain);
        } else {
            // false: the client may use another name than the certificate's
            http.addCustomizer(new SecureRequestCustomizer(false));
            connector =
                    new ServerConnector(server, new SslConnectionFactory(certificate(tls), plain.getProtocol()), plain);
        }
        connector.setHost(config.host());
        connector.setPort(config.port());
        // A client that waits for its result is silent for that long.
        connector.setIdleTimeout(config.limits().timeout().plus(IDLE).toMillis());
        return connector;
    }

    private static SslContextFactory.Server certificate(ServerConfig.Tls tls) {
        try {
            KeyStore store =
                    KeyStore.getInstance(tls.keyStore().toFile(), tls.password().toCharArray());
            var factory = new SslContextFactory.Server();
            factory.setKeyStore(store);
            factory.setKeyStorePassword(tls.password());
            factory.setIncludeProtocols("TLSv1.3", "TLSv1.2");
            return factory;
        } catch (IOException | GeneralSecurityException | IllegalArgumentException e) {
            String found = Files.isRegularFile(tls.keyStore())
                    ? "it can't be opened as a key store (" + e.getMessage() + ")"
                    : "there is no such file";
            throw new AttunetException(
                    tls.keyStore().toString(),
                    found,
                    "a PKCS #12 or JKS file and its password",
                    "create one with 'keytool -genkeypair -storetype PKCS12', or correct --tls-password-file",
                    e);
        }
    }
}
