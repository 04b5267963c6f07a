package org.attunet.cli;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.attunet.console.ProgressDisplay;
import org.attunet.tensor.SelfTest;
import org.attunet.tensor.Signals;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;

/** {@code attunet doctor}: tests the native libraries on this machine. */
@Command(
        name = "doctor",
        description = {
            "Test this machine: processor, memory, engines, and every kind of convolution on libtorch.",
            "The tests run in child processes; what libtorch needs to be avoided is kept for later commands."
        },
        footer = {"", "Examples:", "  attunet doctor", "  attunet doctor --json", "Exit code 1 if an engine fails."})
final class DoctorCommand extends AttunetCommand {
    private static final long PATIENCE_SECONDS = 300;

    @Override
    public Integer call() {
        SelfTest.Result libtorch;
        String onnx;
        try (ProgressDisplay progress = ProgressDisplay.start(console(), "Testing", 2)) {
            libtorch = SelfTest.again();
            progress.reached(1, 2);
            onnx = onnxRuntime();
            progress.reached(2, 2);
        }
        var diagnosis = new Diagnosis(libtorch, onnx);
        result(diagnosis::json, diagnosis::text);
        return diagnosis.healthy() ? ExitCode.OK : ExitCode.SOFTWARE;
    }

    /** Predicts a picture in a child process; returns what is wrong, "" if nothing is. */
    private static String onnxRuntime() {
        List<String> words = new ArrayList<>(
                List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString()));
        ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                .filter(argument -> argument.startsWith("-D") || argument.startsWith("-XX:ErrorFile"))
                .forEach(words::add);
        words.addAll(List.of("-cp", System.getProperty("java.class.path"), Main.class.getName(), "warm-up"));
        try {
            Process child = new ProcessBuilder(words)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            try {
                if (!child.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                    return "hangs";
                }
                int code = child.exitValue();
                String signal = Signals.name(code);
                return code == 0 ? "" : signal != null ? signal : "exit code " + code;
            } finally {
                child.destroyForcibly();
            }
        } catch (IOException e) {
            return "no process can be started (" + e.getMessage() + ")";
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return "interrupted";
        }
    }
}
