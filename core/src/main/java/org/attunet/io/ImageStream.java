package org.attunet.io;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.Function;
import org.attunet.error.AttunetException;
import org.attunet.error.Interruption;
import org.attunet.error.TooLargeException;

/**
 * Images in streams, which pass through a temporary file: so they need no more memory than files, and each check of a
 * file's size against its header holds for them.
 */
final class ImageStream {
    /** The name of streams in failures. */
    private static final Path NAME = Path.of("stream");

    private ImageStream() {}

    /** The bytes beyond which no image fits this process' memory: a file has at most 8 for the 4 of a voxel's float. */
    private static long most() {
        long heap = Runtime.getRuntime().maxMemory();
        return heap > Long.MAX_VALUE / 2 ? heap : 2 * heap;
    }

    /** Reads a stream to its end. */
    static <T> T read(InputStream in, ImageFormat format, Function<Path, T> reading) {
        return read(in, format, most(), reading);
    }

    /** Reads a stream of at most so many bytes. */
    static <T> T read(InputStream in, ImageFormat format, long most, Function<Path, T> reading) {
        Objects.requireNonNull(in, "the stream must not be null");
        Objects.requireNonNull(format, "the format must not be null");
        return inFile(format, file -> {
            try (OutputStream out = Files.newOutputStream(file)) {
                copy(in, out, most);
            } catch (IOException e) {
                throw FileErrors.reading(NAME, e);
            }
            requireFormat(file, format);
            return reading.apply(file);
        });
    }

    /** Writes what is first written as a file. */
    static void write(OutputStream out, ImageFormat format, Consumer<Path> writing) {
        Objects.requireNonNull(out, "the stream must not be null");
        Objects.requireNonNull(format, "the format must not be null");
        inFile(format, file -> {
            writing.accept(file);
            try {
                return Files.copy(file, out);
            } catch (IOException e) {
                throw new AttunetException(
                        NAME.toString(),
                        "it can't be written (" + e.getMessage() + ")",
                        "a stream that takes the whole file",
                        "check where it leads",
                        e);
            }
        });
    }

    private static void copy(InputStream in, OutputStream out, long most) throws IOException {
        byte[] block = new byte[1 << 16];
        long length = 0;
        for (int n = in.read(block); n >= 0; n = in.read(block)) {
            Interruption.check();
            length += n;
            if (length > most) {
                throw new TooLargeException(
                        NAME,
                        "more than " + most + " bytes",
                        "an image within the limit, by default twice the memory of this process",
                        "raise -Xmx or the limit, or send a smaller image");
            }
            out.write(block, 0, n);
        }
    }

    private static void requireFormat(Path file, ImageFormat format) {
        try {
            RasterFormat picture = RasterFormat.bySignature(file);
            boolean nifti = picture == null && NiftiHeader.isIn(file);
            String found = picture != null ? picture.name() : nifti ? "NIfTI" : "";
            boolean niftiWanted = format == ImageFormat.NIFTI || format == ImageFormat.NIFTI_GZ;
            boolean wanted = niftiWanted ? nifti : found.equals(format.name());
            if (!found.isEmpty() && !wanted) {
                throw new AttunetException(
                        NAME.toString(), "it is " + found, format.name(), "name the format that it has");
            }
        } catch (IOException e) {
            throw FileErrors.reading(NAME, e);
        }
    }

    /** Calls a function with a temporary file, whose name the failures leave out. */
    private static <T> T inFile(ImageFormat format, Function<Path, T> work) {
        Path folder;
        try {
            folder = Files.createTempDirectory("attunet");
        } catch (IOException e) {
            throw FileErrors.writing(Path.of(System.getProperty("java.io.tmpdir")), e);
        }
        Path file = folder.resolve("image" + format.suffix());
        try {
            return work.apply(file);
        } catch (TooLargeException e) {
            throw new TooLargeException(NAME, e.found(), e.expected(), e.remedy(), e);
        } catch (AttunetException e) {
            throw e.subject().equals(file.toString())
                    ? new AttunetException(NAME.toString(), e.found(), e.expected(), e.remedy(), e)
                    : e;
        } finally {
            delete(file);
            delete(folder);
        }
    }

    private static void delete(Path path) {
        try {
            Files.deleteIfExists(path);
        } catch (IOException e) {
            path.toFile().deleteOnExit();
        }
    }
}
