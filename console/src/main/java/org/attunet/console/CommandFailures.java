package org.attunet.console;

import java.io.PrintStream;
import java.io.PrintWriter;
import org.attunet.error.AttunetException;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** How failures are told: one sentence on standard error, the stack trace only on request. */
public final class CommandFailures {
    /** The exit code where all went well. */
    public static final int DONE = 0;

    /** The exit code where the work failed. */
    public static final int FAILED = 1;

    /** The exit code of a wrong command line. */
    public static final int WRONG_USAGE = 2;

    private CommandFailures() {}

    /** Tells what is wrong with the command line and where its help is. */
    public static int usage(ParameterException failure) {
        CommandLine command = failure.getCommandLine();
        PrintWriter err = command.getErr();
        err.println("attunet: " + withFullStop(String.valueOf(failure.getMessage())));
        UnmatchedArgumentException.printSuggestions(failure, err);
        err.println("Try '" + command.getCommandSpec().qualifiedName() + " --help'.");
        return WRONG_USAGE;
    }

    /** Tells why the work failed. */
    public static int report(PrintStream err, Throwable failure, boolean verbose) {
        err.println("attunet: " + sentence(failure, verbose));
        if (verbose) {
            failure.printStackTrace(err);
        }
        return FAILED;
    }

    private static String sentence(Throwable failure, boolean verbose) {
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
        return "internal error: " + withFullStop(failure.toString()) + " This is a fault of attunet: please report it."
                + hint;
    }

    private static String withFullStop(String text) {
        return text.endsWith(".") ? text : text + ".";
    }
}
