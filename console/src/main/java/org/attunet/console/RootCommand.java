package org.attunet.console;

import java.io.OutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import org.attunet.error.AttunetException;
import picocli.CommandLine;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * The root of a program with subcommands: common options, exit codes and failure messages.
 *
 * <p>Exit codes: 0 done; 1 failed, with one sentence on standard error that names the subject, what was found, what was
 * expected and the remedy; 2 wrong usage. Results go to standard output, everything else to standard error.
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
            description = "Print more: how images are computed, and the stack trace of a failure.")
    private boolean verbose;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            scope = ScopeType.INHERIT,
            order = 102,
            description = "Show this help and exit.")
    @SuppressWarnings("UnusedVariable") // read by picocli
    private boolean help;

    @Option(
            names = {"-V", "--version"},
            versionHelp = true,
            order = 103,
            description = "Show the version and exit.")
    @SuppressWarnings("UnusedVariable") // read by picocli
    private boolean version;

    /** A program that writes its results to {@code out} and everything else to {@code err}. */
    protected RootCommand(PrintStream out, PrintStream err) {
        this.out = out;
        this.err = err;
    }

    /** Runs one command and returns its exit code. */
    public final int execute(String... args) {
        CommandLine line = commandLine();
        line.setParameterExceptionHandler((failure, given) -> reportUsage(failure));
        line.setExecutionExceptionHandler((failure, command, given) -> reportFailure(failure));
        try {
            return line.execute(args);
        } catch (StackOverflowError | OutOfMemoryError | LinkageError failure) {
            // picocli's handler gets exceptions only; an Error arrives here.
            return reportFailure(failure);
        }
    }

    /** The program's command line with all its commands. */
    public final CommandLine commandLine() {
        CommandLine line = new CommandLine(this);
        line.getCommandSpec().usageMessage().sortOptions(false);
        line.getSubcommands()
                .values()
                .forEach(command -> command.getCommandSpec().usageMessage().sortOptions(false));
        return line.setOut(new PrintWriter(out, true, StandardCharsets.UTF_8))
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

    /** Whether {@code --verbose} was given. */
    public final boolean verbose() {
        return verbose;
    }

    /** A standard stream of the process in UTF-8, whatever the system's encoding is. */
    public static PrintStream utf8(OutputStream stream) {
        return new PrintStream(stream, true, StandardCharsets.UTF_8);
    }

    private static int reportUsage(ParameterException failure) {
        CommandLine command = failure.getCommandLine();
        PrintWriter err = command.getErr();
        err.println("attunet: " + withFullStop(String.valueOf(failure.getMessage())));
        UnmatchedArgumentException.printSuggestions(failure, err);
        err.println("Try '" + command.getCommandSpec().qualifiedName() + " --help'.");
        return ExitCode.USAGE;
    }

    private int reportFailure(Throwable failure) {
        console().message("attunet: " + sentence(failure));
        if (verbose) {
            failure.printStackTrace(err);
        }
        return ExitCode.SOFTWARE;
    }

    private String sentence(Throwable failure) {
        if (failure instanceof AttunetException known) {
            return String.valueOf(known.getMessage());
        }
        String hint = verbose ? "" : " Run the command again with -v for the stack trace.";
        if (failure instanceof OutOfMemoryError) {
            return "memory: " + failure.getMessage() + "; expected room beyond the "
                    + Runtime.getRuntime().maxMemory() / (1 << 20)
                    + " MiB that Java may use. Remedy: set ATTUNET_JAVA_OPTS=-Xmx8g, or choose a smaller patch or"
                    + " batch." + hint;
        }
        return "internal error: " + withFullStop(failure.toString()) + " This is a bug in attunet: please report it."
                + hint;
    }

    private static String withFullStop(String text) {
        return text.endsWith(".") ? text : text + ".";
    }
}
