package org.attunet.cli;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.util.Arrays;
import org.attunet.console.Launcher;
import org.attunet.console.RootCommand;
import org.attunet.console.StandardOutput;
import org.attunet.console.Version;
import org.attunet.tensor.SelfTest;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The program {@code attunet} with its commands. */
@Command(
        name = "attunet",
        description = "Attention U-Net for the JVM: trains, evaluates and runs medical image segmentation.",
        versionProvider = Version.class,
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {
            DemoCommand.class,
            PlanCommand.class,
            TrainCommand.class,
            EvaluateCommand.class,
            CompareCommand.class,
            PredictCommand.class,
            ConvertCommand.class,
            AnonymiseCommand.class,
            ImportCommand.class,
            ExportCommand.class,
            InfoCommand.class,
            ServeCommand.class,
            BenchCommand.class,
            DoctorCommand.class,
            CompletionCommand.class,
            WarmUpCommand.class,
            RankCommand.class
        },
        footer = {
            "",
            "  spark       Segment, evaluate and train as jobs of Apache Spark:  attunet spark --help",
            "",
            "Start with:  attunet demo",
            "The help of each command has examples:  attunet train --help",
            "Exit codes: 0 done, 1 failed, 2 wrong usage."
        })
public final class Main extends RootCommand {
    private Main(PrintStream out, PrintStream err) {
        super(out, err);
    }

    /** Runs one command and ends the process with its exit code. */
    public static void main(String[] args) {
        StopSignals.install();
        Launcher.endWithIt();
        boolean ranks = Arrays.stream(args).anyMatch(arg -> arg.startsWith("--ranks"));
        int code;
        PrintStream err = utf8(new FileOutputStream(FileDescriptor.err));
        SelfTest.reportTo(err::println);
        try (PrintStream out = utf8(StandardOutput.of(ranks))) {
            code = run(out, err, args);
        }
        StopSignals.ended(code);
        System.exit(code);
    }

    /** Runs one command on the given streams and returns its exit code. */
    static int run(PrintStream out, PrintStream err, String... args) {
        return new Main(out, err).execute(args);
    }

    /** The program's command line with all its commands. */
    static CommandLine commandLine(PrintStream out, PrintStream err) {
        return new Main(out, err).commandLine();
    }
}
