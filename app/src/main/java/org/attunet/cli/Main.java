package org.attunet.cli;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/**
 * The program {@code attunet}: the commands below, their exit codes and how failures are told.
 *
 * <p>Exit codes: 0 done; 1 the work failed, and one sentence on standard error says where, what was found, what was
 * expected and what to do; 2 wrong usage. Results go to standard output, everything else to standard error.
 */
@Command(
        name = "attunet",
        description = "Attention U-Net for the JVM: trains, evaluates and runs medical image segmentation.",
        versionProvider = Version.class,
        sortOptions = false,
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {
            DemoCommand.class,
            PlanCommand.class,
            TrainCommand.class,
            EvaluateCommand.class,
            CompareCommand.class,
            PredictCommand.class,
            ImportCommand.class,
            ExportCommand.class,
            InfoCommand.class,
            ServeCommand.class,
            BenchCommand.class,
            CompletionCommand.class,
            WarmUpCommand.class,
            RankCommand.class
        },
        footer = {
            "",
            "Start with:  attunet demo",
            "Each command explains itself with an example:  attunet train --help",
            "Exit codes: 0 done, 1 the work failed, 2 wrong usage."
        })
public final class Main implements Runnable {
    private final PrintStream out;
    private final PrintStream err;

    @Spec
    private CommandSpec spec;

    @Option(
            names = "--json",
            scope = ScopeType.INHERIT,
            order = 100,
            description = "Print the result as JSON on standard output; messages go to standard error.")
    private boolean json;

    @Option(
            names = {"-v", "--verbose"},
            scope = ScopeType.INHERIT,
            order = 101,
            description = "Say more: how images are computed, and the stack trace of a failure.")
    private boolean verbose;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            scope = ScopeType.INHERIT,
            order = 102,
            description = "Show this help and exit.")
    @SuppressWarnings("UnusedVariable") // picocli acts on it
    private boolean help;

    @Option(
            names = {"-V", "--version"},
            versionHelp = true,
            order = 103,
            description = "Show the version and exit.")
    @SuppressWarnings("UnusedVariable") // picocli acts on it
    private boolean version;

    private Main(PrintStream out, PrintStream err) {
        this.out = out;
        this.err = err;
    }

    /** Runs one command and ends the process with its exit code. */
    public static void main(String[] args) {
        Interruption.arm();
        int code = run(utf8(StandardOutput.of(args)), utf8(new FileOutputStream(FileDescriptor.err)), args);
        Interruption.ended(code);
        System.exit(code);
    }

    /** Runs one command on the given streams and returns its exit code. */
    static int run(PrintStream out, PrintStream err, String... args) {
        CommandLine line = commandLine(out, err);
        Main main = line.getCommand();
        line.setParameterExceptionHandler((failure, given) -> Failures.usage(failure));
        line.setExecutionExceptionHandler((failure, command, given) -> main.report(failure));
        try {
            return line.execute(args);
        } catch (StackOverflowError | OutOfMemoryError | LinkageError failure) {
            // picocli hands on exceptions only; an Error reaches us here.
            return main.report(failure);
        }
    }

    /** The program's command line with all its commands. */
    static CommandLine commandLine(PrintStream out, PrintStream err) {
        var main = new Main(out, err);
        return new CommandLine(main)
                .setOut(new PrintWriter(out, true, StandardCharsets.UTF_8))
                .setErr(new PrintWriter(err, true, StandardCharsets.UTF_8))
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setUsageHelpWidth(Math.min(120, Math.max(80, Integer.getInteger(Console.COLUMNS, 100))));
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "No command was given");
    }

    /** Where commands write. */
    Console console() {
        return new Console(out, err, json, Integer.getInteger(Console.COLUMNS, 0));
    }

    /** Whether more is to be said. */
    boolean verbose() {
        return verbose;
    }

    private int report(Throwable failure) {
        return Failures.report(err, failure, verbose);
    }

    private static PrintStream utf8(OutputStream stream) {
        return new PrintStream(stream, true, StandardCharsets.UTF_8);
    }
}
