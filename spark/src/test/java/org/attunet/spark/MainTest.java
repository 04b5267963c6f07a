package org.attunet.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** The program as a process of its own, as the launcher starts it: what it prints and how it ends. */
class MainTest {
    private static final long PATIENCE_SECONDS = 300; // keeps a test that hangs from hanging forever

    @TempDir
    static Path shared;

    static Path model;
    static Path scans;

    @TempDir
    Path folder;

    @BeforeAll
    static void write() throws IOException {
        model = TestModels.pictures(shared.resolve("model.zip"), 1);
        scans = Files.createDirectory(shared.resolve("scans"));
        for (int k = 0; k < 40; k++) {
            TestScans.picture(scans.resolve("s" + k + ".png"), k, 24, 24);
        }
    }

    private record Ended(int code, String out, String err) {}

    private static List<String> command(Object... args) {
        List<String> words = new ArrayList<>(
                List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString()));
        ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                .filter(option -> option.startsWith("--add-opens"))
                .forEach(words::add);
        words.addAll(List.of(
                "-Xmx1g",
                "-XX:TieredStopAtLevel=1",
                "-Dlog4j2.configurationFile=attunet-log4j2.properties",
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName()));
        for (Object arg : args) {
            words.add(arg.toString());
        }
        return words;
    }

    private Ended end(List<String> command) throws Exception {
        Path out = Files.createTempFile(folder, "out", ".txt");
        Path err = Files.createTempFile(folder, "err", ".txt");
        Process process = new ProcessBuilder(command)
                .redirectOutput(out.toFile())
                .redirectError(err.toFile())
                .start();
        try {
            assertThat(process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS))
                    .as("the program hangs")
                    .isTrue();
            return new Ended(process.exitValue(), Files.readString(out), Files.readString(err));
        } finally {
            process.destroyForcibly().onExit().join();
        }
    }

    @Test
    void a_job_prints_its_result_alone_and_ends_with_0() throws Exception {
        Path output = folder.resolve("output");
        Ended ended = end(command("segment", model, scans, "-o", output, "--json", "--master", "local[2]"));
        assertThat(ended.code).as(ended.err).isZero();
        assertThat(ended.err.lines()).allMatch(line -> line.startsWith("Segmenting: "));
        JsonNode json = new ObjectMapper().readTree(ended.out);
        assertThat(json.path("cases").asInt()).isEqualTo(40);
        assertThat(json.path("done").asInt()).isEqualTo(40);
        assertThat(json.path("table").asText()).isEqualTo("file:" + output + "/cases.parquet");
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void a_full_disk_ends_a_job_with_one_sentence() throws Exception {
        Path disk = Files.createDirectory(folder.resolve("disk"));
        String mount = "mount -t tmpfs -o size=240k attunet '" + disk + "'"; // a page for each of 80 files is more
        assumeTrue(
                end(List.of("unshare", "-rm", "sh", "-c", mount)).code == 0,
                "skipped: this system lets nobody mount a disk in a user namespace (unshare -rm)");
        String script = mount + " && { \"$@\"; code=$?; find '" + disk + "' -name '.*part*'; exit $code; }";
        List<String> words = new ArrayList<>(List.of("unshare", "-rm", "sh", "-c", script, "sh"));
        words.addAll(command("segment", model, scans, "-o", disk, "--master", "local[2]"));
        Ended ended = end(words);
        assertThat(ended.code).as(ended.err).isEqualTo(1);
        assertThat(ended.err.lines())
                .singleElement()
                .asString()
                .startsWith("attunet: ")
                .contains("the disk is full", "expected room", "Remedy: free some space");
        assertThat(ended.out).doesNotContain("/masks/.").doesNotContain("/records/.");
    }

    @Test
    void what_fails_is_reported_in_one_sentence_and_with_its_stack_trace_where_that_is_wanted() {
        Path missing = folder.resolve("missing");
        String[] failing = {"segment", model.toString(), missing.toString(), "-o", folder.toString()};
        Ended plain = run(failing);
        assertThat(plain.code).isEqualTo(1);
        assertThat(plain.err.lines())
                .containsExactly("attunet: file:" + missing + ": no such file or folder; expected scans that can be"
                        + " reached from here. Remedy: check the path.");
        String[] verbose = java.util.Arrays.copyOf(failing, failing.length + 1);
        verbose[failing.length] = "-v";
        assertThat(run(verbose).err).contains("\tat org.attunet.spark.");
        Ended nowhere = run("segment", model.toString(), scans.toString(), "-o", "x", "--master", "nonsense");
        assertThat(nowhere.code).isEqualTo(1);
        assertThat(nowhere.err.lines())
                .singleElement()
                .asString()
                .startsWith("attunet: Spark: it doesn't start (")
                .contains("nonsense", "Remedy: check --master");
        assertThat(run("segment", model.toString()).code).isEqualTo(2);
    }

    private static Ended run(String... args) {
        TestSpark.stop(); // the program starts its own
        var out = new ByteArrayOutputStream();
        var err = new ByteArrayOutputStream();
        int code = Main.run(
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8),
                args);
        return new Ended(code, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
    }
}
