package org.attunet.console;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;

/**
 * Where results go. Gloo tells of its connections on standard output, and can't be told not to; where a command uses it,
 * results get a way of their own and the libraries' one ends nowhere.
 */
public final class StandardOutput {
    private StandardOutput() {}

    /**
     * The stream for a command's results.
     *
     * @param apart whether libraries that talk are used, and results need a way of their own
     */
    public static OutputStream of(boolean apart) {
        return apart ? apart() : new FileOutputStream(FileDescriptor.out);
    }

    private static OutputStream apart() {
        try {
            var results = new FileOutputStream("/dev/fd/1", true);
            // Java doesn't close descriptor 1 but leads it to /dev/null, so that no file can get its number.
            new FileOutputStream(FileDescriptor.out).close();
            return results;
        } catch (IOException e) {
            return new FileOutputStream(FileDescriptor.out); // a system without such names: the words are shown
        }
    }
}
