package org.attunet.cli;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.attunet.error.AttunetException;
import org.attunet.ranks.ProcessGroup;
import org.attunet.ranks.RankConfig;
import org.attunet.ranks.Rendezvous;
import org.attunet.train.RankJob;
import org.attunet.train.TrainingJob;

/** The ranks of a training on this machine: this process is rank 0, the others are its child processes. */
final class LocalRanks implements AutoCloseable {
    private static final long PATIENCE_SECONDS = 30;

    private final Rendezvous server = Rendezvous.open();
    private final List<Process> children = new ArrayList<>();
    private final ProcessGroup ranks;
    private volatile boolean ending;

    private LocalRanks(int count, TrainingJob job) {
        try {
            for (int number = 1; number < count; number++) {
                start(number, RankJob.of(job, RankConfig.local(server.port(), number, count)));
            }
            ranks = ProcessGroup.join(RankConfig.local(server.port(), 0, count));
        } catch (RuntimeException e) {
            end(0);
            throw e;
        }
    }

    /** Starts the other ranks and waits until they have connected; each reads its cases afterwards. */
    static LocalRanks start(int count, TrainingJob job) {
        job.config().checkRanks(count);
        return new LocalRanks(count, job);
    }

    /** Rank 0 of the group. */
    ProcessGroup ranks() {
        return ranks;
    }

    private void start(int number, RankJob job) {
        var builder = new ProcessBuilder(command())
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.INHERIT);
        // Suppresses libtorch's log of a broken connection, which this process reports in a sentence.
        builder.environment().put("TORCH_CPP_LOG_LEVEL", "FATAL");
        try {
            Process child = builder.start();
            children.add(child);
            var watch = new Thread(() -> watch(number, child), "attunet-child-" + number);
            watch.setDaemon(true);
            watch.start();
            // Kept open: the child takes the end of its input as the death of this process.
            var input = child.getOutputStream();
            input.write((job.toJson() + "\n").getBytes(StandardCharsets.UTF_8));
            input.flush();
        } catch (IOException e) {
            throw new AttunetException(
                    "rank " + number,
                    "its process can't be started (" + e.getMessage() + ")",
                    "a Java program at " + command().get(0),
                    "train without --ranks",
                    e);
        }
    }

    /** Waits for a child to end, and informs the other ranks if it ends too early. */
    private void watch(int number, Process child) {
        try {
            int code = child.waitFor();
            if (!ending) {
                server.ended(number, "its process ended with exit code " + code);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** This program with this process's Java options. */
    private static List<String> command() {
        List<String> words = new ArrayList<>();
        words.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                .filter(argument -> !argument.startsWith("-agentlib")) // a debugger's port is in use
                .forEach(words::add);
        words.addAll(List.of("-cp", System.getProperty("java.class.path"), Main.class.getName(), "rank"));
        return words;
    }

    @Override
    public void close() {
        ranks.close();
        end(PATIENCE_SECONDS);
    }

    private void end(long patienceSeconds) {
        ending = true;
        for (Process child : children) {
            try {
                if (!child.waitFor(patienceSeconds, TimeUnit.SECONDS)) {
                    child.destroyForcibly();
                }
                child.getOutputStream().close();
            } catch (InterruptedException e) {
                child.destroyForcibly();
                Thread.currentThread().interrupt();
            } catch (IOException e) {
                // The child ended before it read its job, which its watch has reported.
            }
        }
        server.close();
    }
}
