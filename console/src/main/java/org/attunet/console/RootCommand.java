package org.attunet.console;

import java.io.OutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/**
 * The frame of a program with commands: the options that all of them have, their exit codes and how failures are told.
 *
 * <p>Exit codes: 0 done; 1 the work failed, and one sentence on standard error says where, what was found, what was
 * expected and what to do; 2 wrong usage. Results go to standard output, everything else to standard error.
 */
public abstract class RootCommand implements Runnable {
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

    /** A program that writes its results to {@code out} and the rest to {@code err}. */
    protected RootCommand(PrintStream out, PrintStream err) {
        this.out = out;
        this.err = err;
    }

    /** Runs one command and returns its exit code. */
    public final int execute(String... args) {
        CommandLine line = commandLine();
        line.setParameterExceptionHandler((failure, given) -> CommandFailures.usage(failure));
        line.setExecutionExceptionHandler((failure, command, given) -> report(failure));
        try {
            return line.execute(args);
        } catch (StackOverflowError | OutOfMemoryError | LinkageError failure) {
            // picocli hands on exceptions only; an Error reaches us here.
            return report(failure);
        }
    }

    /** The program's command line with all its commands. */
    public final CommandLine commandLine() {
        return new CommandLine(this)
                .setOut(new PrintWriter(out, true, StandardCharsets.UTF_8))
                .setErr(new PrintWriter(err, true, StandardCharsets.UTF_8))
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setUsageHelpWidth(Math.min(120, Math.max(80, Integer.getInteger(Console.COLUMNS, 100))));
    }

    @Override
    public final void run() {
        throw new ParameterException(spec.commandLine(), "No command was given");
    }

    /** Where commands write. */
    public final Console console() {
        return new Console(out, err, json, Integer.getInteger(Console.COLUMNS, 0));
    }

    /** Whether more is to be said. */
    public final boolean verbose() {
        return verbose;
    }

    private int report(Throwable failure) {
        return CommandFailures.report(err, failure, verbose);
    }

    /** A standard stream of the process in UTF-8, whatever the system's encoding is. */
    public static PrintStream utf8(OutputStream stream) {
        return new PrintStream(stream, true, StandardCharsets.UTF_8);
    }
}
