package org.attunet.console;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;

/**
 * Where results go. Gloo tells of its connections on standard output, and can't be told not to; where a command uses it,
 * results get a way of their own and the libraries' one ends nowhere.
 */
public final class StandardOutput {
    private StandardOutput() {}

    /**
     * The stream for a command's results, to be closed when they are written.
     *
     * @param apart whether libraries that talk are used
     */
    public static OutputStream of(boolean apart) {
        return apart ? apart() : new FileOutputStream(FileDescriptor.out);
    }

    /**
     * By way of a child that has inherited standard output: opening it a second time by a name such as /dev/stdout would give a
     * file another position, at which whoever writes behind us would overwrite the results.
     */
    private static OutputStream apart() {
        try {
            Process child = new ProcessBuilder("sh", "-c", "trap '' INT TERM; exec cat")
                    .redirectOutput(ProcessBuilder.Redirect.INHERIT)
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            // Java doesn't close descriptor 1 but leads it to /dev/null, so that no file can get its number.
            new FileOutputStream(FileDescriptor.out).close();
            return new Through(child);
        } catch (IOException e) {
            return new FileOutputStream(FileDescriptor.out); // a system without a shell: the words are shown
        }
    }

    private static final class Through extends FilterOutputStream {
        private final Process child;

        Through(Process child) {
            super(child.getOutputStream());
            this.child = child;
        }

        @Override
        public void write(byte[] bytes, int from, int length) throws IOException {
            out.write(bytes, from, length); // not byte by byte
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
