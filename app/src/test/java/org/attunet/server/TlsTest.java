package org.attunet.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.attunet.error.AttunetException;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** HTTPS from a key store, as the JDK's own keytool makes it. */
class TlsTest {
    private static final String PASSWORD = "a-password-of-a-test";

    @TempDir
    static Path folder;

    static Path store;

    @BeforeAll
    static void make_a_certificate() throws Exception {
        store = folder.resolve("server.p12");
        String keytool =
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString();
        Process made = new ProcessBuilder(
                        keytool,
                        "-genkeypair",
                        "-alias",
                        "attunet",
                        "-keyalg",
                        "EC",
                        "-storetype",
                        "PKCS12",
                        "-keystore",
                        store.toString(),
                        "-storepass",
                        PASSWORD,
                        "-dname",
                        "CN=test",
                        "-ext",
                        "san=ip:127.0.0.1")
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("keytool.txt").toFile())
                .start();
        assertThat(made.waitFor())
                .as(Files.readString(folder.resolve("keytool.txt")))
                .isZero();
    }

    private static TestConfig config(String password) {
        return new TestConfig(folder.resolve("work")).tls(new ServerConfig.Tls(store, password));
    }

    @Test
    void a_client_that_trusts_the_certificate_is_served_over_tls() throws Exception {
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(store)) {
            trusted.load(in, PASSWORD.toCharArray());
        }
        KeyStore anchors = KeyStore.getInstance("PKCS12");
        anchors.load(null, null);
        anchors.setCertificateEntry("server", trusted.getCertificate("attunet"));
        TrustManagerFactory managers = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        managers.init(anchors);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, managers.getTrustManagers(), null);
        try (LiveServer server = config(PASSWORD).serve("nuclei")) {
            assertThat(server.address()).startsWith("https://127.0.0.1:");
            HttpClient client = HttpClient.newBuilder().sslContext(context).build();
            HttpResponse<String> answer = client.send(
                    HttpRequest.newBuilder(URI.create(server.address() + "/api/models"))
                            .build(),
                    BodyHandlers.ofString());
            assertThat(answer.statusCode()).isEqualTo(200);
            assertThat(answer.sslSession().orElseThrow().getProtocol()).isIn("TLSv1.3", "TLSv1.2");
            assertThat(answer.headers().firstValue("Strict-Transport-Security")).isPresent();
        }
    }

    @Test
    void a_wrong_password_is_reported_without_it_and_the_folder_is_free_again() {
        assertThatThrownBy(() -> config("wrong").serve("nuclei"))
                .isInstanceOf(AttunetException.class)
                .hasMessageContaining("can't be opened as a key store")
                .hasMessageNotContaining("wrong");
        config(PASSWORD).serve("nuclei").close();
    }
}
