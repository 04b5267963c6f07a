package org.attunet.cli;

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
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        sortOptions = false,
        subcommands = {CompletionCommand.class},
        footer = {
            "",
            "Start with:  attunet demo",
            "Each command explains itself with an example:  attunet train --help",
            "Exit codes: 0 done, 1 the work failed, 2 wrong usage."
        })
public final class Main implements Runnable {
    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Option(
            names = {"-v", "--verbose"},
            scope = ScopeType.INHERIT,
            description = "Show the stack trace of a failure.")
    private boolean verbose;

    /** Runs one command and ends the process with its exit code. */
    public static void main(String[] args) {
        System.exit(run(args));
    }

    /** Runs one command and returns its exit code; the streams are the process's own. */
    static int run(String... args) {
        var main = new Main();
        var line = new CommandLine(main);
        line.setCaseInsensitiveEnumValuesAllowed(true);
        line.setUsageHelpAutoWidth(true);
        line.setParameterExceptionHandler((failure, given) -> Failures.usage(failure));
        line.setExecutionExceptionHandler((failure, command, given) -> Failures.report(failure, main.verbose));
        try {
            return line.execute(args);
        } catch (StackOverflowError | OutOfMemoryError failure) {
            // picocli hands on exceptions only; an Error reaches us here.
            return Failures.report(failure, main.verbose);
        }
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "no command was given");
    }
}
