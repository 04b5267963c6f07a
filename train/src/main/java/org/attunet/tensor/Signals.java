package org.attunet.tensor;

import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Signals that end processes, by the exit code 128 + number that Java and shells report. */
public final class Signals {
    /** Those of a process's own fault, unlike SIGKILL, which mostly comes from a lack of memory. */
    static final Set<String> OWN_FAULTS = Set.of(
            "SIGILL",
            "SIGABRT",
            "SIGBUS",
            "SIGFPE",
            "SIGSEGV",
            "EXCEPTION_ACCESS_VIOLATION",
            "EXCEPTION_INT_DIVIDE_BY_ZERO",
            "EXCEPTION_ILLEGAL_INSTRUCTION",
            "EXCEPTION_STACK_OVERFLOW");

    /** The numbers that are the same on Linux and macOS, and Linux's SIGBUS. */
    private static final Map<Integer, String> NAMES = Map.of(
            2, "SIGINT", 4, "SIGILL", 6, "SIGABRT", 7, "SIGBUS", 8, "SIGFPE", 9, "SIGKILL", 11, "SIGSEGV", 15,
            "SIGTERM");

    private Signals() {}

    /** The signal that an exit code stands for; null for an exit of the process's own. */
    public static @Nullable String name(int exitCode) {
        return NAMES.get(exitCode - 128);
    }
}
