package org.attunet.dicom.data;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.ClosedByInterruptException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.Inflater;
import java.util.zip.InflaterInputStream;
import org.attunet.error.AttunetException;
import org.attunet.error.Interruption;
import org.jspecify.annotations.Nullable;

/**
 * A DICOM file (PS3.10) up to its pixel data, with or without the preamble of 128 bytes.
 *
 * <p>Thread-safe.
 */
public final class DicomFile {
    private static final int PREAMBLE = 128;
    private static final int BUFFER = 1 << 16;

    private final Path path;
    private final TransferSyntax syntax;
    private final DataSet elements;
    private final DataSetReader.@Nullable PixelData pixels;
    private final long dataSet; // where the data set begins

    private DicomFile(
            Path path,
            TransferSyntax syntax,
            DataSet elements,
            DataSetReader.@Nullable PixelData pixels,
            long dataSet) {
        this.path = path;
        this.syntax = syntax;
        this.elements = elements;
        this.pixels = pixels;
        this.dataSet = dataSet;
    }

    /** {@return whether a file begins like a DICOM file: with a preamble and DICM, or with an element of group 0002 or 0008} */
    public static boolean looksLike(Path path) {
        try (InputStream in = Files.newInputStream(path)) {
            return beginsWithElements(in.readNBytes(PREAMBLE + 4)) != null;
        } catch (IOException e) {
            return false;
        }
    }

    /** Returns where a file's elements begin; null if it's no DICOM file. */
    private static @Nullable Integer beginsWithElements(byte[] start) {
        boolean part10 = start.length == PREAMBLE + 4
                && new String(start, PREAMBLE, 4, StandardCharsets.US_ASCII).equals("DICM");
        if (part10) {
            return PREAMBLE + 4;
        }
        boolean group = start.length > 8 && (start[0] == 2 || start[0] == 8) && start[1] == 0 && start[3] == 0;
        return group ? Integer.valueOf(0) : null;
    }

    /**
     * Reads a file up to its pixel data.
     *
     * @throws AttunetException if it can't be read, is no DICOM file or is damaged
     */
    public static DicomFile read(Path path) {
        DicomFile file = readIfDicom(path);
        if (file == null) {
            throw new AttunetException(
                    path, "it doesn't begin like a DICOM file", "a DICOM file", "give files of a scanner or archive");
        }
        return file;
    }

    /**
     * Reads a file up to its pixel data if it begins like a DICOM file.
     *
     * @return null if it's no DICOM file
     * @throws AttunetException if it can't be read or is damaged
     */
    public static @Nullable DicomFile readIfDicom(Path path) {
        try (InputStream in = Files.newInputStream(path)) {
            ByteSource source = new ByteSource(in, path.toString(), Files.size(path));
            Integer start = beginsWithElements(source.peek(PREAMBLE + 4));
            if (start == null) {
                return null;
            }
            source.skip(start);
            return read(path, source);
        } catch (ClosedByInterruptException e) {
            throw Interruption.cancellation();
        } catch (EOFException e) {
            throw new AttunetException(
                    path, "it ends within an element", "a whole DICOM file", "copy or export the file again");
        } catch (IOException e) {
            throw new AttunetException(
                    path.toString(), "it can't be read (" + e + ")", "a DICOM file", "check the file", e);
        }
    }

    private static DicomFile read(Path path, ByteSource source) throws IOException {
        DataSet meta = new DataSetReader(source, false).readMeta();
        String uid = meta.text(Tag.TRANSFER_SYNTAX_UID);
        TransferSyntax syntax = uid.isEmpty() ? TransferSyntax.IMPLICIT : TransferSyntax.of(uid);
        if (syntax.pixels() != TransferSyntax.Pixels.DEFLATED) {
            syntax = syntax.withExplicit(beginsExplicit(source));
        }
        long begin = source.position();
        Inflater inflater = new Inflater(true);
        try {
            ByteSource elements = syntax.pixels() == TransferSyntax.Pixels.DEFLATED
                    ? new ByteSource(
                            new InflaterInputStream(source.rest(), inflater, BUFFER), path.toString(), Long.MAX_VALUE)
                    : source;
            DataSetReader reader = new DataSetReader(elements, syntax.bigEndian());
            return new DicomFile(path, syntax, reader.read(syntax.explicit()), reader.pixels(), begin);
        } finally {
            inflater.end();
        }
    }

    /** Whether the first element states its representation, whatever the transfer syntax says of it: two letters follow the tag. */
    private static boolean beginsExplicit(ByteSource source) throws IOException {
        byte[] next = source.peek(6);
        return next.length == 6 && Vr.of(next[4], next[5]) != null;
    }

    /** {@return the file} */
    public Path path() {
        return path;
    }

    /** {@return how the file is encoded} */
    public TransferSyntax syntax() {
        return syntax;
    }

    /** {@return the elements before the pixel data} */
    public DataSet elements() {
        return elements;
    }

    DataSetReader.@Nullable PixelData pixels() {
        return pixels;
    }

    /** Where the data set begins in the file. */
    long dataSet() {
        return dataSet;
    }

    /** {@return whether opening its pixel data unpacks all of it into memory: it is deflated, or lies in an archive} */
    public boolean unpacksWhole() {
        return syntax.pixels() == TransferSyntax.Pixels.DEFLATED
                || !path.getFileSystem().equals(FileSystems.getDefault());
    }

    /** {@return whether there is pixel data} */
    public boolean hasPixels() {
        return pixels != null;
    }
}
