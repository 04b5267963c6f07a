package org.attunet.server.page;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.attunet.server.LiveServer;
import org.attunet.server.TestConfig;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PageRoutesTest {
    private static final Path RESOURCES = Path.of("src", "main", "resources", "org", "attunet", "server", "page");

    @TempDir
    private static Path folder;

    private static LiveServer server;

    @BeforeAll
    static void start() {
        server = new TestConfig(folder.resolve("work")).serve(PageModels.open(folder));
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @ParameterizedTest
    @CsvSource({
        "/, text/html",
        "/page/app.js, text/javascript",
        "/page/niivue.umd.js, text/javascript",
        "/page/niivue.LICENSE, text/plain",
        "/page/style.css, text/css",
        "/page/favicon.svg, image/svg+xml",
        "/docs, text/html",
        "/docs/docs.js, text/javascript",
        "/docs/docs.css, text/css",
        "/docs/swagger-ui-bundle.js, text/javascript",
        "/docs/swagger-ui.css, text/css",
        "/docs/favicon-32x32.png, image/png",
        "/openapi.yaml, application/yaml",
        "/samples, application/json",
        "/samples/nuclei, image/png",
        "/samples/hippocampus, application/gzip",
        "/samples/abdomen, application/gzip",
    })
    void an_address_answers_with_its_kind_of_content(String path, String type) {
        HttpResponse<byte[]> response = server.get(path);
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.headers().firstValue("Content-Type").orElse("")).startsWith(type);
        assertThat(response.headers().firstValue("X-Content-Type-Options")).contains("nosniff");
        assertThat(response.body()).isNotEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/page/index.html",
                "/page/nothing.js",
                "/page/..%2findex.html",
                "/page/..%2f..%2fopenapi.yaml",
                "/page/%2e%2e%2f%2e%2e%2f%2e%2e%2f%2e%2e%2flogback.xml",
                "/page/niivue.umd.js.sha256",
                "/page/NIIVUE.UMD.JS",
                "/docs/index.html",
                "/docs/..%2f..%2f..%2f..%2fmaven/org.webjars/swagger-ui/pom.properties",
                "/docs/swagger-ui-bundle.js.map",
                "/samples/nothing",
                "/samples/..%2fopenapi.yaml",
                "/samples/nuclei%00",
                "/index.html",
            })
    void a_path_that_names_no_file_leads_nowhere(String path) {
        HttpResponse<byte[]> response = server.get(path);
        assertThat(response.statusCode()).isIn(400, 404);
        assertThat(new String(response.body(), StandardCharsets.UTF_8)).doesNotContain("swagger-ui", "<appender");
    }

    @Test
    void niivue_is_the_file_that_its_checksum_names() throws Exception {
        String line = Files.readString(RESOURCES.resolve("niivue.umd.js.sha256"));
        byte[] digest = MessageDigest.getInstance("SHA-256")
                .digest(server.get("/page/niivue.umd.js").body());
        assertThat(line).isEqualTo(HexFormat.of().formatHex(digest) + "  niivue.umd.js\n");
        assertThat(HexFormat.of().formatHex(digest)) // of dist/niivue.umd.js in @niivue/niivue 0.69.0
                .isEqualTo("47b896b77ec4a5be3ef1949c33ad393b6f45629921f326c279000bcf51bdb4af");
    }

    @Test
    void a_file_that_the_browser_has_is_not_sent_again() {
        HttpResponse<byte[]> first = server.get("/page/app.js");
        String tag = first.headers().firstValue("ETag").orElseThrow();
        assertThat(first.headers().firstValue("Cache-Control")).contains("no-cache");
        HttpResponse<byte[]> second = server.get("/page/app.js", "If-None-Match", tag);
        assertThat(second.statusCode()).isEqualTo(304);
        assertThat(second.body()).isEmpty();
        assertThat(server.get("/page/app.js", "If-None-Match", "W/\"other\"").statusCode())
                .isEqualTo(200);
    }

    @Test
    void large_files_travel_compressed() throws IOException {
        HttpResponse<byte[]> response = server.get("/page/niivue.umd.js", "Accept-Encoding", "gzip");
        assertThat(response.headers().firstValue("Content-Encoding")).contains("gzip");
        assertThat(response.body().length).isLessThan(1_000_000);
        try (var plain = new GZIPInputStream(new ByteArrayInputStream(response.body()))) {
            assertThat(plain.readAllBytes())
                    .isEqualTo(server.get("/page/niivue.umd.js").body());
        }
    }

    @Test
    void what_the_pages_name_is_there_and_nothing_is_elsewhere() throws IOException {
        try (Stream<Path> files = Files.list(RESOURCES)) {
            List<Path> ours = files.filter(file -> file.toString().matches(".*\\.(html|js|css)"))
                    .filter(file -> !file.endsWith("niivue.umd.js"))
                    .toList();
            assertThat(ours).hasSizeGreaterThan(10);
            for (Path file : ours) {
                String text = Files.readString(file);
                assertThat(text).as("%s", file).doesNotContain("http://", "https://", "onclick=\"", "eval(");
                Pattern.compile("(?:href|src)=\"(/[^\"]*)\"|from '\\./([^']+)'|url: '([^']+)'")
                        .matcher(text)
                        .results()
                        .map(found -> found.group(2) != null
                                ? "/page/" + found.group(2)
                                : found.group(1) != null ? found.group(1) : found.group(3))
                        .forEach(path -> assertThat(server.get(path).statusCode())
                                .as("%s in %s", path, file)
                                .isEqualTo(200));
            }
        }
    }

    @Test
    void samples_are_listed_and_say_that_they_are_synthetic() throws IOException {
        JsonNode samples = new ObjectMapper().readTree(server.text("/samples")).path("samples");
        assertThat(samples).hasSize(3);
        for (JsonNode sample : samples) {
            assertThat(sample.path("note").asText()).startsWith("Synthetic: ");
            HttpResponse<byte[]> response = server.get(sample.path("href").asText());
            assertThat(response.headers().firstValue("Content-Disposition").orElse(""))
                    .contains(sample.path("file").asText());
        }
    }

    @Test
    void a_server_with_a_key_asks_for_it_in_a_way_that_browsers_know() {
        try (LiveServer locked =
                new TestConfig(folder.resolve("locked")).key("open sesame").serve("nuclei")) {
            HttpResponse<byte[]> response = locked.get("/");
            assertThat(response.statusCode()).isEqualTo(401);
            assertThat(response.headers().firstValue("WWW-Authenticate").orElse(""))
                    .startsWith("Basic ");
            assertThat(locked.get("/", "X-API-Key", "open sesame").statusCode()).isEqualTo(200);
        }
    }
}
