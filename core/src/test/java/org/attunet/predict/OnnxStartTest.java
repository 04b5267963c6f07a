package org.attunet.predict;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Starts ONNX Runtime in programs as users have them: without any setting of ours in the environment. Version 1.29.0 collects
 * data on its use; with a command line of some 4,000 characters, which a class path has soon, that overflows the stack.
 */
class OnnxStartTest {
    @TempDir
    private Path folder;

    @Test
    void starts_below_a_long_command_line_and_leaves_nothing_in_the_home_folder() throws Exception {
        assertThat(start(Map.of("HOME", folder.toString()), "x".repeat(100_000)))
                .isEqualTo("started");
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void starts_in_an_empty_environment() throws Exception {
        assertThat(start(Map.of(), "")).isEqualTo("started");
    }

    /** Returns what a program prints that starts ONNX Runtime in this environment, or how it ended. */
    private String start(Map<String, String> environment, String argument) throws Exception {
        Path output = Files.createTempFile("onnx-start", ".txt");
        try {
            ProcessBuilder builder = new ProcessBuilder(List.of(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "-XX:ErrorFile=" + output.resolveSibling("onnx-start-crash.txt"),
                            "-XX:TieredStopAtLevel=1",
                            "-cp",
                            System.getProperty("java.class.path"),
                            Starting.class.getName(),
                            argument))
                    .redirectErrorStream(true)
                    .redirectOutput(output.toFile());
            builder.environment().clear();
            builder.environment().putAll(environment);
            Process process = builder.start();
            try {
                assertThat(process.waitFor(2, TimeUnit.MINUTES)).isTrue();
                String said = Files.readString(output).strip();
                return process.exitValue() == 0 ? said : "exit code " + process.exitValue() + " " + said;
            } finally {
                process.destroyForcibly();
            }
        } finally {
            Files.deleteIfExists(output);
        }
    }

    static final class Starting {
        public static void main(String[] args) {
            OnnxEngine.hasCuda();
            System.out.println("started");
        }
    }
}
