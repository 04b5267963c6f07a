package org.attunet.dicom.data;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;

/** Writes DICOM files of any transfer syntax, well-formed or not, as tests need them. */
public final class DicomBytes {
    private final ByteArrayOutputStream all = new ByteArrayOutputStream();
    private final boolean explicit;
    private final ByteOrder order;

    private DicomBytes(boolean explicit, boolean bigEndian) {
        this.explicit = explicit;
        order = bigEndian ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN;
    }

    public static DicomBytes explicit() {
        return new DicomBytes(true, false);
    }

    public static DicomBytes implicit() {
        return new DicomBytes(false, false);
    }

    public static DicomBytes bigEndian() {
        return new DicomBytes(true, true);
    }

    public DicomBytes text(int tag, Vr vr, String value) {
        byte[] bytes = value.getBytes(StandardCharsets.ISO_8859_1);
        return element(tag, vr, java.util.Arrays.copyOf(bytes, bytes.length + bytes.length % 2));
    }

    public DicomBytes number(int tag, int value) {
        return element(
                tag,
                Vr.US,
                ByteBuffer.allocate(2).order(order).putShort((short) value).array());
    }

    public DicomBytes words(int tag, short... values) {
        ByteBuffer bytes = ByteBuffer.allocate(2 * values.length).order(order);
        bytes.asShortBuffer().put(values);
        return element(tag, Vr.OW, bytes.array());
    }

    public DicomBytes element(int tag, Vr vr, byte[] value) {
        head(tag, vr, value.length);
        all.writeBytes(value);
        return this;
    }

    /** A sequence of undefined or stated lengths. */
    public DicomBytes sequence(int tag, boolean undefined, DicomBytes... items) {
        DicomBytes body = new DicomBytes(explicit, order == ByteOrder.BIG_ENDIAN);
        for (DicomBytes item : items) {
            byte[] content = item.all.toByteArray();
            body.tag(Tag.ITEM).number32(undefined ? -1 : content.length);
            body.all.writeBytes(content);
            if (undefined) {
                body.tag(Tag.ITEM_END).number32(0);
            }
        }
        if (undefined) {
            body.tag(Tag.SEQUENCE_END).number32(0);
        }
        head(tag, Vr.SQ, undefined ? -1 : body.all.size());
        all.writeBytes(body.all.toByteArray());
        return this;
    }

    /** An element's head with any length. */
    public DicomBytes head(int tag, Vr vr, int length) {
        tag(tag);
        if (!explicit) {
            return number32(length);
        }
        all.writeBytes(vr.name().getBytes(StandardCharsets.US_ASCII));
        if (vr.longLength()) {
            all.write(0);
            all.write(0);
            return number32(length);
        }
        all.writeBytes(
                ByteBuffer.allocate(2).order(order).putShort((short) length).array());
        return this;
    }

    public DicomBytes tag(int tag) {
        all.writeBytes(ByteBuffer.allocate(4)
                .order(order)
                .putShort((short) (tag >>> 16))
                .putShort((short) tag)
                .array());
        return this;
    }

    public DicomBytes number32(int value) {
        all.writeBytes(ByteBuffer.allocate(4).order(order).putInt(value).array());
        return this;
    }

    public DicomBytes raw(byte[] bytes) {
        all.writeBytes(bytes);
        return this;
    }

    /** The elements as they are, without preamble and meta information. */
    public byte[] bare() {
        return all.toByteArray();
    }

    /** A whole file, of which the elements are deflated if the syntax says so. */
    public byte[] file(String syntax) {
        byte[] elements = all.toByteArray();
        if (syntax.endsWith(".1.99")) {
            ByteArrayOutputStream deflated = new ByteArrayOutputStream();
            try (DeflaterOutputStream out = new DeflaterOutputStream(deflated, new Deflater(9, true))) {
                out.write(elements);
            } catch (java.io.IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
            elements = deflated.toByteArray();
        }
        DicomBytes meta = explicit().text(Tag.TRANSFER_SYNTAX_UID, Vr.UI, syntax);
        DicomBytes whole = explicit().raw(new byte[128]).raw("DICM".getBytes(StandardCharsets.US_ASCII));
        return whole.raw(meta.bare()).raw(elements).bare();
    }
}
