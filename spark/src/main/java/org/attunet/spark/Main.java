package org.attunet.spark;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.util.List;
import org.attunet.console.Launcher;
import org.attunet.console.RootCommand;
import org.attunet.console.StandardOutput;
import org.attunet.console.Version;
import picocli.CommandLine.Command;

/** The program {@code attunet spark}; also the main class for spark-submit. */
@Command(
        name = "attunet spark",
        description = "Segments, evaluates and trains on Apache Spark: on this machine, or on a cluster.",
        versionProvider = Version.class,
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {SparkSegmentCommand.class, SparkEvaluateCommand.class, SparkTrainCommand.class},
        footer = {
            "",
            "Runs on the cores of this machine, or on a cluster with --master or spark-submit.",
            "docs/scale-out.md has the commands for both.",
            "Exit codes: 0 done, 1 the work failed, 2 wrong usage."
        })
public final class Main extends RootCommand {
    private Main(PrintStream out, PrintStream err) {
        super(out, err);
    }

    /** Runs one command and exits with its code. */
    public static void main(String[] args) {
        Launcher.endWithIt();
        boolean train = List.of(args).contains("train");
        int code;
        try (PrintStream out = utf8(StandardOutput.of(train))) {
            code = run(out, utf8(new FileOutputStream(FileDescriptor.err)), args);
        }
        if (code != 0) { // spark-submit takes any exit for a failure
            System.exit(code);
        }
    }

    /** Runs one command on the given streams and returns its exit code. */
    static int run(PrintStream out, PrintStream err, String... args) {
        return new Main(out, err).execute(args);
    }
}
