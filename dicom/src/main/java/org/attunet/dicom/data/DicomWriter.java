package org.attunet.dicom.data;

import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import org.attunet.error.AttunetException;
import org.attunet.io.WholeFile;

/**
 * Writes DICOM files (PS3.10) in explicit VR little endian, with sequences of undefined length.
 *
 * <p>Thread-safe.
 */
public final class DicomWriter {
    /** Identifies this program as what wrote a file. */
    private static final String IMPLEMENTATION = Uid.of("org.attunet.dicom");

    private static final String IMPLEMENTATION_VERSION = "ATTUNET";
    private static final int UNDEFINED = -1;
    private static final int MOST_SHORT = 0xFFFE;

    private DicomWriter() {}

    /**
     * Writes a file whole or not at all.
     *
     * @param elements with the identifiers of class and instance; pixel data, if any, is among them and isn't compressed
     * @throws AttunetException if the file can't be written
     */
    public static void write(Path target, DataSet elements) {
        WholeFile.write(target, out -> write(out, elements));
    }

    /**
     * Writes a file to a stream, which stays open.
     *
     * @param elements with the identifiers of class and instance; pixel data, if any, is among them and isn't compressed
     */
    public static void write(OutputStream out, DataSet elements) throws IOException {
        begin(out, elements, TransferSyntax.EXPLICIT.uid());
        all(out, elements.elements());
    }

    /**
     * Writes other elements with the pixel data of a file, which stays as it is encoded: compressed, or in explicit VR little
     * endian. What a file has after its pixel data is left out.
     *
     * @param elements with the identifiers of class and instance, without pixel data
     * @throws AttunetException if the file ends within its pixel data
     */
    public static void write(OutputStream out, DataSet elements, DicomFile pixels) throws IOException {
        DataSetReader.PixelData data = pixels.pixels();
        boolean fragments = data != null && data.length() < 0;
        begin(out, elements, fragments ? pixels.syntax().uid() : TransferSyntax.EXPLICIT.uid());
        all(out, elements.elements());
        if (data == null) {
            return;
        }
        try (PixelBytes bytes = PixelBytes.open(pixels)) {
            long length = fragments ? bytes.fragmentsEnd() : data.length();
            if (length > 0xFFFF_FFFEL) {
                throw new IOException("pixel data of more than 4 GiB");
            }
            Vr vr = fragments ? Vr.OB : data.vr() == Vr.UN ? Vr.OW : data.vr();
            head(out, data.tag(), vr, fragments ? UNDEFINED : (int) (length + length % 2));
            int block = 1 << 20;
            for (long at = 0; at < length; at += block) {
                out.write(bytes.read(at, (int) Math.min(block, length - at)));
            }
            if (!fragments && length % 2 == 1) {
                out.write(0);
            }
        } catch (EOFException e) {
            throw new AttunetException(
                    pixels.path().toString(),
                    "it ends within its pixel data",
                    "a whole DICOM file",
                    "copy or export the file again",
                    e);
        }
    }

    private static void begin(OutputStream out, DataSet elements, String syntax) throws IOException {
        DataSet meta = new DataSet();
        meta.put(0x0002_0001, Vr.OB, new byte[] {0, 1});
        meta.put(0x0002_0002, Vr.UI, elements.text(Tag.SOP_CLASS_UID));
        meta.put(0x0002_0003, Vr.UI, elements.text(Tag.SOP_INSTANCE_UID));
        meta.put(Tag.TRANSFER_SYNTAX_UID, Vr.UI, syntax);
        meta.put(0x0002_0012, Vr.UI, IMPLEMENTATION);
        meta.put(0x0002_0013, Vr.SH, IMPLEMENTATION_VERSION);
        var body = new java.io.ByteArrayOutputStream();
        all(body, meta.elements());
        out.write(new byte[128]);
        out.write("DICM".getBytes(StandardCharsets.US_ASCII));
        value(out, Element.of(0x0002_0000, Vr.UL, Decimals.binary(Vr.UL, body.size())));
        out.write(body.toByteArray());
    }

    private static void all(OutputStream out, Collection<Element> elements) throws IOException {
        for (Element element : elements) {
            if (element.vr() == Vr.SQ) {
                sequence(out, element.tag(), element.items());
            } else {
                value(out, element);
            }
        }
    }

    private static void sequence(OutputStream out, int tag, List<DataSet> items) throws IOException {
        head(out, tag, Vr.SQ, UNDEFINED);
        for (DataSet item : items) {
            delimiter(out, Tag.ITEM, UNDEFINED);
            all(out, item.elements());
            delimiter(out, Tag.ITEM_END, 0);
        }
        delimiter(out, Tag.SEQUENCE_END, 0);
    }

    private static void value(OutputStream out, Element element) throws IOException {
        byte[] value = element.value();
        int length = value.length + value.length % 2;
        boolean tooLong = !element.vr().longLength() && length > MOST_SHORT; // by PS3.5, 6.2.2: unknown
        head(out, element.tag(), tooLong ? Vr.UN : element.vr(), length);
        out.write(value);
        if (length > value.length) {
            out.write(element.vr().padding());
        }
    }

    private static void head(OutputStream out, int tag, Vr vr, int length) throws IOException {
        ByteBuffer head = ByteBuffer.allocate(vr.longLength() ? 12 : 8).order(ByteOrder.LITTLE_ENDIAN);
        head.putShort((short) (tag >>> 16)).putShort((short) tag);
        head.put(vr.name().getBytes(StandardCharsets.US_ASCII));
        if (vr.longLength()) {
            head.putShort((short) 0).putInt(length);
        } else {
            head.putShort((short) length);
        }
        out.write(head.array());
    }

    private static void delimiter(OutputStream out, int tag, int length) throws IOException {
        ByteBuffer head = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
        head.putShort((short) (tag >>> 16)).putShort((short) tag).putInt(length);
        out.write(head.array());
    }
}
