package org.attunet.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.ParentCommand;

/** A command of the program: parses, calls the library, prints. Its result is the exit code. */
abstract class AttunetCommand implements Callable<Integer> {
    @ParentCommand
    private Main main;

    /** Where this command writes. */
    final Console console() {
        return main.console();
    }

    /** Whether more is to be said than results and failures. */
    final boolean verbose() {
        return main.verbose();
    }
}
