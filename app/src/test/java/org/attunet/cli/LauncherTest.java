package org.attunet.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.attunet.console.Launcher;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** The launcher with a build that is up to date and, instead of Java, a script that does what a test wants. */
@DisabledOnOs(value = OS.WINDOWS, disabledReason = "it has no bash")
class LauncherTest {
    @TempDir
    private Path folder;

    @BeforeEach
    void build() throws IOException {
        Files.copy(Path.of("..", "attunet"), folder.resolve("attunet"));
        for (String state : List.of(".attunet", ".attunet/spark")) {
            Path build = Files.createDirectories(folder.resolve(state).resolve("build-1"));
            Files.createFile(build.resolve("attunet-app.jar"));
            Files.createFile(build.resolve("attunet-spark.jar"));
            Files.createFile(build.resolve("classes-17.0.1.jsa"));
            Files.writeString(build.resolveSibling("current"), "build-1\n");
        }
        Files.createDirectories(folder.resolve("jdk").resolve("bin"));
        Files.writeString(folder.resolve("jdk").resolve("release"), "JAVA_VERSION=\"17.0.1\"\n");
    }

    /** Starts the launcher whose Java is this script. */
    private ProgramProcess start(String java, String... args) throws IOException {
        Path program = folder.resolve("jdk").resolve("bin").resolve("java");
        Files.writeString(program, "#!/usr/bin/env bash\n" + java + "\n");
        assertThat(program.toFile().setExecutable(true)).isTrue();
        List<String> words =
                new ArrayList<>(List.of("bash", folder.resolve("attunet").toString()));
        words.addAll(List.of(args));
        Path out = Files.createTempFile(folder, "out", ".txt");
        Path err = Files.createTempFile(folder, "err", ".txt");
        var builder = new ProcessBuilder(words).redirectOutput(out.toFile()).redirectError(err.toFile());
        builder.environment().put("JAVA_HOME", folder.resolve("jdk").toString());
        builder.environment().put("XDG_CACHE_HOME", folder.resolve("cache").toString());
        return new ProgramProcess(builder.start(), out, err);
    }

    private Program run(String java, String... args) throws Exception {
        try (ProgramProcess process = start(java, args)) {
            return process.end();
        }
    }

    @Test
    void a_fault_of_native_code_is_one_sentence_with_the_signal() throws Exception {
        for (String signal : List.of("SEGV", "FPE", "ABRT", "BUS", "ILL")) {
            Program program = run("kill -" + signal + " $$; sleep 9", "predict", "model.zip", "scan.nii");
            assertThat(program.err())
                    .isEqualTo("attunet: Java was ended by SIG" + signal
                            + ", a fault in native code; 'attunet doctor' tests this machine.\n");
            assertThat(program.code()).isGreaterThan(128);
        }
    }

    @Test
    void the_sentence_names_the_log_the_signal_in_it_and_how_a_training_goes_on() throws Exception {
        String dying = """
                for word; do case $word in -XX:ErrorFile=*) log=${word#*=} ;; esac; done
                echo '#  SIGFPE (0x8) at pc=0x00007f, pid=1, tid=2' > "$log"
                kill -ABRT $$; sleep 9
                """;
        Program program = run(dying, "train", "my data", "-o", "run", "--steps", "9");
        assertThat(program.code()).isEqualTo(134);
        assertThat(program.err())
                .startsWith("attunet: Java was ended by SIGFPE, a fault in native code (log: "
                        + folder.resolve("cache").resolve("attunet").resolve("java-"))
                .endsWith(".log); 'attunet doctor' tests this machine. The training goes on with: "
                        + folder.resolve("attunet") + " train my\\ data -o run --steps 9 --resume\n");
    }

    @Test
    void memory_that_ran_out_is_named_and_the_training_goes_on() throws Exception {
        Program program = run("kill -KILL $$", "spark", "train", "data", "-o", "run", "--resume");
        assertThat(program.code()).isEqualTo(137);
        assertThat(program.err())
                .isEqualTo(
                        "attunet: Java was ended by SIGKILL, which the system sends when memory runs out. The training"
                                + " goes on with: " + folder.resolve("attunet")
                                + " spark train data -o run --resume\n");
    }

    @Test
    void exit_codes_arguments_and_streams_pass_through() throws Exception {
        try (ProgramProcess process = start("cat; echo \"${@: -2:1}|${@: -1}\"; echo no >&2; exit 2", "info", "a b")) {
            process.process().getOutputStream().write("typed\n".getBytes(StandardCharsets.UTF_8));
            process.process().getOutputStream().close();
            Program program = process.end();
            assertThat(program.out()).isEqualTo("typed\ninfo|a b\n");
            assertThat(program.err()).isEqualTo("no\n");
            assertThat(program.code()).isEqualTo(2);
        }
        assertThat(run("exit 143", "serve").err()).isEmpty();
    }

    @Test
    void signals_to_the_launcher_reach_java_whose_exit_code_counts() throws Exception {
        for (String signal : List.of("TERM", "INT", "HUP")) {
            String java = "trap 'echo saved; exit 3' " + signal + "\necho ready\nwhile :; do sleep 0.1; done";
            try (ProgramProcess process = start(java, "train", "data", "-o", "run")) {
                process.await("start", () -> Files.readString(process.out()).contains("ready") ? true : null);
                new ProcessBuilder("kill", "-" + signal, "" + process.process().pid())
                        .start()
                        .waitFor();
                Program program = process.end();
                assertThat(program.out()).isEqualTo("ready\nsaved\n");
                assertThat(program.err()).isEmpty();
                assertThat(program.code()).as(signal).isEqualTo(3);
            }
        }
    }

    @Test
    void java_ends_when_its_launcher_was_killed() throws Exception {
        Process script = new ProcessBuilder("sleep", "600").start();
        List<String> command = new ArrayList<>(ProgramProcess.command());
        command.set(command.size() - 1, Waiting.class.getName());
        command.add(1, "-Dattunet.launcher=" + script.pid());
        try (ProgramProcess java = ProgramProcess.start(folder, command)) {
            java.await("start", () -> Files.readString(java.out()).contains("ready") ? true : null);
            script.destroyForcibly();
            assertThat(java.process().waitFor(1, TimeUnit.MINUTES)).isTrue();
            assertThat(java.process().exitValue()).isEqualTo(143);
        } finally {
            script.destroyForcibly();
        }
    }

    static final class Waiting {
        public static void main(String[] args) throws InterruptedException {
            Launcher.endWithIt();
            System.out.println("ready");
            Thread.sleep(600_000);
        }
    }
}
