package org.attunet.console;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;

/**
 * Standard output for results. Gloo logs its connections to standard output and can't be silenced, so for commands that
 * use it results get a channel of their own, and descriptor 1 is discarded.
 */
public final class StandardOutput {
    private StandardOutput() {}

    /**
     * Returns the stream for a command's results, to be closed when they are written.
     *
     * @param apart whether libraries that print to standard output are used
     */
    public static OutputStream of(boolean apart) {
        return apart ? apart() : new FileOutputStream(FileDescriptor.out);
    }

    /**
     * Writes through a child process that has inherited standard output: opening it a second time by a name such as
     * /dev/stdout would give a file a second position, and later writers would overwrite the results.
     */
    private static OutputStream apart() {
        try {
            Process child = new ProcessBuilder("sh", "-c", "trap '' INT TERM; exec cat")
                    .redirectOutput(ProcessBuilder.Redirect.INHERIT)
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            // Java redirects descriptor 1 to /dev/null instead of closing it, so no file can get its number.
            new FileOutputStream(FileDescriptor.out).close();
            return new ChildStream(child);
        } catch (IOException e) {
            return new FileOutputStream(FileDescriptor.out); // no shell: the libraries' output is shown
        }
    }

    /** The child's input; closing it waits for the child to write everything. */
    private static final class ChildStream extends FilterOutputStream {
        private final Process child;

        ChildStream(Process child) {
            super(child.getOutputStream());
            this.child = child;
        }

        @Override
        public void write(byte[] bytes, int from, int length) throws IOException {
            out.write(bytes, from, length); // the superclass writes byte by byte
        }

        @Override
        public void close() throws IOException {
            super.close();
            try {
                child.waitFor();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
