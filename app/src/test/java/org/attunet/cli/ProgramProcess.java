package org.attunet.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The program as a process of its own, so that it can be killed; closing kills it where it still runs. */
record ProgramProcess(Process process, Path out, Path err) implements AutoCloseable {
    /** Far beyond what any of these commands takes: it keeps a test that hangs from hanging forever. */
    private static final long PATIENCE_SECONDS = 300;

    /** The words of a command line that starts the program, to stand behind others such as a limit. */
    static List<String> command(Object... args) {
        List<String> words = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx512m",
                "-XX:TieredStopAtLevel=1", // starts sooner; what these tests compute is little
                "-XX:+UseSerialGC", // for the same reason
                "-XX:-UsePerfData",
                "-XX:ErrorFile=/dev/null", // Java's report of a signal that kills it
                "-Djava.awt.headless=true",
                "-cp",
                System.getProperty("java.class.path"),
                "org.attunet.cli.Main"));
        for (Object arg : args) {
            words.add(arg.toString());
        }
        return words;
    }

    /** When a run's checkpoint was written, if that is not the time that is known. */
    static @Nullable FileTime changed(Path run, @Nullable FileTime known) throws IOException {
        try {
            FileTime time = Files.getLastModifiedTime(run.resolve("last.ckpt"));
            return time.equals(known) ? null : time;
        } catch (NoSuchFileException e) {
            return null;
        }
    }

    /** Starts a command line whose output goes to new files in a folder. */
    static ProgramProcess start(Path logs, List<String> command) throws IOException {
        Path out = Files.createTempFile(logs, "out", ".txt");
        Path err = Files.createTempFile(logs, "err", ".txt");
        Process process = new ProcessBuilder(command)
                .redirectOutput(out.toFile())
                .redirectError(err.toFile())
                .start();
        return new ProgramProcess(process, out, err);
    }

    /** Waits for the end and returns what the run gave. */
    Program end() throws IOException, InterruptedException {
        if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
            throw new AssertionError("the program hangs; it said: " + Files.readString(err));
        }
        return new Program(process.exitValue(), Files.readString(out), Files.readString(err));
    }

    /** Waits until something holds, and returns it; asked every few milliseconds. Fails where the program ends first. */
    <T> T await(String what, Look<T> look) throws IOException, InterruptedException {
        long begin = System.nanoTime();
        while (true) {
            boolean alive = process.isAlive();
            T seen = look.now();
            if (seen != null) {
                return seen;
            }
            if (!alive || System.nanoTime() - begin > TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS)) {
                throw new AssertionError(
                        (alive ? "no " : "the program ended before ") + what + "; it said: " + Files.readString(err));
            }
            Thread.sleep(2);
        }
    }

    /** A look at the outside of the program; null for nothing to be seen yet. */
    @FunctionalInterface
    interface Look<T> {
        @Nullable
        T now() throws IOException;
    }

    @Override
    public void close() {
        process.destroyForcibly().onExit().join();
    }
}
