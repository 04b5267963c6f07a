package org.attunet.io;

import java.io.File;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.imageio.stream.FileImageInputStream;
import org.attunet.error.Interruption;

/** A file's bytes; each read checks for {@link Interruption}, so that no size that a file claims holds a thread. */
final class FileInput extends FilterInputStream {
    private FileInput(InputStream in) {
        super(in);
    }

    static InputStream open(Path file) throws IOException {
        return new FileInput(Files.newInputStream(file));
    }

    /** The same for the decoders of pictures. */
    static FileImageInputStream picture(Path file) throws IOException {
        return new Picture(file.toFile());
    }

    @Override
    public int read() throws IOException {
        Interruption.check();
        return super.read();
    }

    @Override
    public int read(byte[] bytes, int from, int length) throws IOException {
        Interruption.check();
        return super.read(bytes, from, length);
    }

    private static final class Picture extends FileImageInputStream {
        Picture(File file) throws IOException {
            super(file);
        }

        @Override
        public int read() throws IOException {
            Interruption.check();
            return super.read();
        }

        @Override
        public int read(byte[] bytes, int from, int length) throws IOException {
            Interruption.check();
            return super.read(bytes, from, length);
        }
    }
}
