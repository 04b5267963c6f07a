package org.attunet.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import org.attunet.error.AttunetException;
import org.attunet.train.RankJob;
import org.attunet.train.TrainingJob;
import org.attunet.train.TrainingListener;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;

/**
 * {@code attunet rank}: a further process of {@code train --ranks}. Its job comes as a line of JSON on standard input,
 * which stays open as long as the first process lives; when it closes, this process ends too.
 */
@Command(name = "rank", hidden = true, description = "Train as one of several processes; started by 'train --ranks'.")
final class RankCommand extends AttunetCommand {
    private static final long PATIENCE_MILLIS = 10_000;

    @Override
    public Integer call() throws IOException {
        var input = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        String line = input.readLine();
        if (line == null) {
            throw new AttunetException(
                    "standard input", "it is empty", "the job of a rank", "use 'attunet train --ranks'");
        }
        RankJob job = RankJob.ofJson(line);
        endWith(input);
        try {
            job.run(
                    TrainingJob.usualMemory(),
                    TrainingListener.NONE,
                    trainer -> StopSignals.stopBy("", trainer::requestStop)); // the first process prints the message
            return ExitCode.OK;
        } catch (AttunetException e) {
            if (verbose()) {
                throw e;
            }
            return ExitCode.SOFTWARE; // reported by the first process
        }
    }

    /**
     * Ends this process after the first one has ended. Its broken connections end the training within moments; other work
     * gets some seconds, since exiting amid native work can crash.
     */
    private static void endWith(BufferedReader input) {
        var watch = new Thread(
                () -> {
                    try {
                        while (input.read() >= 0) {
                            // no further input is expected
                        }
                        Thread.sleep(PATIENCE_MILLIS);
                    } catch (IOException | InterruptedException e) {
                        // treated like the end of the input
                    }
                    Runtime.getRuntime().halt(ExitCode.SOFTWARE);
                },
                "attunet-first-rank");
        watch.setDaemon(true);
        watch.start();
    }
}
