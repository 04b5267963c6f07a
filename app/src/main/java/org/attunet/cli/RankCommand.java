package org.attunet.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import org.attunet.error.AttunetException;
import org.attunet.train.RankOrder;
import org.attunet.train.TrainingListener;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;

/**
 * {@code attunet rank}: one of the further processes of {@code train --ranks}. Its order comes as a line of JSON on standard
 * input, which stays open as long as the first process lives; when it closes, this one ends too.
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
                    "standard input", "nothing stands there", "the order of a rank", "use 'attunet train --ranks'");
        }
        RankOrder order = RankOrder.ofJson(line);
        endWith(input);
        try {
            order.carryOut(
                    TrainingSession.preparedMemory(),
                    TrainingListener.NONE,
                    trainer -> StopSignals.stopBy("", trainer::requestStop));
            return ExitCode.OK;
        } catch (AttunetException told) {
            if (verbose()) {
                throw told;
            }
            return ExitCode.SOFTWARE; // the first process says it
        }
    }

    /**
     * Ends this process with the first one, however that ends: its broken connections end the training within moments; what
     * else it may be at is given some seconds, since to leave in the middle of native work may crash.
     */
    private static void endWith(BufferedReader input) {
        var watch = new Thread(
                () -> {
                    try {
                        while (input.read() >= 0) {
                            // nothing more is to come
                        }
                        Thread.sleep(PATIENCE_MILLIS);
                    } catch (IOException | InterruptedException e) {
                        // as good as closed
                    }
                    Runtime.getRuntime().halt(ExitCode.SOFTWARE);
                },
                "attunet-first-rank");
        watch.setDaemon(true);
        watch.start();
    }
}
