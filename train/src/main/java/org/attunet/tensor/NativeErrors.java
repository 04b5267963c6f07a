package org.attunet.tensor;

import java.util.function.Supplier;
import org.attunet.error.AttunetException;

/** Translates libtorch's failures, whose messages carry a C++ stack, into readable ones; keeps the cause. */
public final class NativeErrors {
    private NativeErrors() {}

    /**
     * Runs work on tensors.
     *
     * @param what the work, as a noun phrase for the message ("the training step")
     * @throws AttunetException if libtorch fails, with the first line of its message
     */
    public static <T> T translate(String what, Supplier<T> work) {
        try {
            return work.get();
        } catch (RuntimeException e) {
            StackTraceElement[] stack = e.getStackTrace();
            boolean fromNative = stack.length > 0 && stack[0].isNativeMethod();
            throw fromNative && e.getMessage() != null ? translated(what, e.getMessage(), e) : e;
        }
    }

    private static AttunetException translated(String what, String message, RuntimeException e) {
        String first = message.lines().findFirst().orElse("");
        boolean memory = message.contains("not enough memory") || message.contains("out of memory");
        return new AttunetException(
                what,
                memory ? "memory ran out" : "libtorch reports: " + first,
                memory ? "enough memory for the patch and batch" : "an operation that libtorch can do",
                memory ? "choose a smaller --patch, --batch or --widths" : "report this with the command that led here",
                e);
    }
}
