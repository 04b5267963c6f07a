package org.attunet.dicom.web;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The server Orthanc with its DICOMweb plugin, as Debian's packages orthanc and orthanc-dicomweb have it, on this machine only. */
final class Orthanc implements AutoCloseable {
    static final String USER = "attunet:p\u00e4ss";
    private static final Path PLUGIN = Path.of("/usr/share/orthanc/plugins/libOrthancDicomWeb.so");
    private static final List<Path> PROGRAMS = List.of(Path.of("/usr/sbin/Orthanc"), Path.of("/usr/bin/Orthanc"));

    private final Process process;
    final WebAddress address;

    private Orthanc(Process process, WebAddress address) {
        this.process = process;
        this.address = address;
    }

    /** Starts a server without studies, or skips the test if there is none. */
    static Orthanc start(Path folder) throws IOException, InterruptedException {
        Path program = PROGRAMS.stream().filter(Files::isExecutable).findFirst().orElse(null);
        assumeTrue(program != null && Files.exists(PLUGIN), "Orthanc and its DICOMweb plugin are not installed");
        int port;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        Path config = Files.writeString(
                folder.resolve("orthanc.json"),
                """
                {"StorageDirectory": "%1$s", "IndexDirectory": "%1$s", "Plugins": ["%2$s"], "HttpPort": %3$d,
                 "DicomServerEnabled": false, "RemoteAccessAllowed": false, "AuthenticationEnabled": true,
                 "RegisteredUsers": {"attunet": "päss"}, "DicomWeb": {"Enable": true, "Root": "/dicom-web/"}}
                """.formatted(folder.resolve("storage"), PLUGIN, port),
                StandardCharsets.UTF_8);
        Process process = new ProcessBuilder(String.valueOf(program), config.toString())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("log").toFile())
                .start();
        Orthanc orthanc = new Orthanc(process, WebAddress.of("dicomweb+http://127.0.0.1:" + port + "/dicom-web"));
        orthanc.awaitStart(port);
        return orthanc;
    }

    private void awaitStart(int port) throws InterruptedException {
        String credentials = Base64.getEncoder().encodeToString(USER.getBytes(StandardCharsets.UTF_8));
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/system"))
                .header("Authorization", "Basic " + credentials)
                .build();
        HttpClient client = HttpClient.newHttpClient();
        while (process.isAlive()) {
            try {
                if (client.send(request, HttpResponse.BodyHandlers.discarding()).statusCode() == 200) {
                    return;
                }
            } catch (IOException e) {
                Thread.sleep(50); // it isn't there yet
            }
        }
        throw new IllegalStateException("Orthanc has ended");
    }

    @Override
    public void close() throws InterruptedException {
        process.destroy();
        if (!process.waitFor(5, TimeUnit.SECONDS)) {
            process.destroyForcibly();
        }
    }
}
