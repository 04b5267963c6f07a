package org.attunet.dicom.data;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads data elements (PS3.5, chapter 7) up to the pixel data. Lengths that a file claims are held to what follows in it,
 * and memory is taken as bytes arrive.
 */
final class DataSetReader {
    private static final byte[] META = {2, 0};
    private static final byte[] ITEM = {(byte) 0xFE, (byte) 0xFF, 0, (byte) 0xE0};
    private static final byte[] SIGNED = {1, 0};
    private static final long UNDEFINED = 0xFFFF_FFFFL;
    private static final int DEEPEST = 64;
    private static final int MOST_ELEMENTS = 5_000_000;

    private final ByteSource in;
    private boolean bigEndian;
    private int elements;
    private @Nullable PixelData pixels;

    /**
     * Where pixel data lies.
     *
     * @param tag which of the three kinds
     * @param position of its first byte
     * @param length in bytes; -1 if it consists of fragments
     */
    record PixelData(int tag, Vr vr, long position, long length) {}

    /**
     * An element's tag, representation and length, of which only the last is trusted by nobody.
     *
     * @param implicit whether its value is encoded as in implicit VR little endian, which elements in it don't leave
     */
    private record Head(int tag, Vr vr, long length, boolean implicit) {}

    DataSetReader(ByteSource in, boolean bigEndian) {
        this.in = in;
        this.bigEndian = bigEndian;
    }

    /** Where the pixel data lies; null if the file ended without any. */
    @Nullable
    PixelData pixels() {
        return pixels;
    }

    /** Reads a file's data set. */
    DataSet read(boolean explicit) throws IOException {
        DataSet all = new DataSet(CharacterSets.DEFAULT);
        readInto(all, explicit, Long.MAX_VALUE, 0, false);
        return all;
    }

    /** Reads the group of file meta information, of tags 0002. */
    DataSet readMeta() throws IOException {
        DataSet meta = new DataSet(CharacterSets.DEFAULT);
        while (Arrays.equals(in.peek(2), META)) {
            Head head = head(true, false);
            meta.put(Element.of(head.tag, head.vr, value(head)));
        }
        return meta;
    }

    /** Reads elements up to a position, the end of the file or the end of an item. */
    private void readInto(DataSet set, boolean explicit, long end, int depth, boolean outerSigned) throws IOException {
        boolean signed = outerSigned;
        while (in.position() < end && pixels == null) {
            if (end == Long.MAX_VALUE && depth == 0 && in.atEnd()) {
                return;
            }
            Head head = head(explicit, signed);
            if (head.tag == Tag.ITEM_END || head.tag == Tag.SEQUENCE_END) {
                return;
            }
            boolean ofPixels =
                    head.tag == Tag.PIXEL_DATA || head.tag == Tag.FLOAT_PIXEL_DATA || head.tag == Tag.DOUBLE_PIXEL_DATA;
            if (ofPixels && depth == 0) {
                Vr vr = explicit && head.implicit ? Vr.UN : head.vr;
                pixels = new PixelData(head.tag, vr, in.position(), head.length == UNDEFINED ? -1 : head.length);
                return;
            }
            count();
            Element element = element(head, set, depth, signed);
            set.put(element);
            if (head.tag == Tag.PIXEL_REPRESENTATION) {
                signed = Arrays.equals(element.value(), SIGNED);
                represent(set, explicit, signed);
            }
        }
    }

    /** Represents elements that came before the one that says whether pixels are signed. */
    private static void represent(DataSet set, boolean explicit, boolean signed) {
        for (Element element : explicit || !signed ? List.<Element>of() : List.copyOf(set.elements())) {
            Vr vr = Representations.of(element.tag(), true);
            if (vr == Vr.SS && element.vr() == Vr.US) {
                set.put(Element.of(element.tag(), vr, element.value()));
            }
        }
    }

    /** Counts an element or an item. */
    private void count() {
        if (++elements > MOST_ELEMENTS) {
            throw in.damaged("it has more than " + MOST_ELEMENTS + " elements");
        }
    }

    private Element element(Head head, DataSet parent, int depth, boolean signed) throws IOException {
        if (head.vr == Vr.SQ && (head.length == UNDEFINED || beginsWithItem(head))) {
            return Element.of(head.tag, items(head, parent, depth, signed));
        }
        if (head.length == UNDEFINED) {
            if (head.implicit) { // by PS3.5, 6.2.2: a sequence
                return Element.of(head.tag, items(head, parent, depth, signed));
            }
            if (head.vr == Vr.OB || head.vr == Vr.OW) { // an icon's fragments
                skipFragments();
                return Element.of(head.tag, head.vr, new byte[0]);
            }
            throw in.damaged(Tag.text(head.tag) + " has no length");
        }
        return Element.of(head.tag, head.vr == Vr.SQ ? Vr.UN : head.vr, value(head));
    }

    /** Whether a sequence that only the dictionary calls so is one. */
    private boolean beginsWithItem(Head head) throws IOException {
        byte[] next = in.peek(4);
        return !head.implicit || head.length == 0 || Arrays.equals(next, ITEM);
    }

    private List<DataSet> items(Head head, DataSet parent, int depth, boolean signed) throws IOException {
        if (depth == DEEPEST) {
            throw in.damaged("its sequences are nested more than " + DEEPEST + " deep");
        }
        boolean outside = bigEndian;
        bigEndian &= !head.implicit;
        List<DataSet> items = new ArrayList<>();
        long end = head.length == UNDEFINED ? Long.MAX_VALUE : in.position() + held(head);
        while (in.position() < end) {
            Head item = itemHead();
            if (item.tag == Tag.SEQUENCE_END) {
                break;
            }
            if (item.tag != Tag.ITEM) {
                throw in.damaged(Tag.text(head.tag) + " has " + Tag.text(item.tag) + " instead of an item");
            }
            count();
            DataSet set = new DataSet(parent.characters());
            long itemEnd = item.length == UNDEFINED ? Long.MAX_VALUE : in.position() + held(item);
            readInto(set, !head.implicit, itemEnd, depth + 1, signed);
            if (itemEnd != Long.MAX_VALUE && in.position() != itemEnd) {
                throw in.damaged("an item of " + Tag.text(head.tag) + " ends elsewhere than its length says");
            }
            items.add(set);
        }
        if (end != Long.MAX_VALUE && in.position() > end) {
            throw in.damaged(Tag.text(head.tag) + " ends elsewhere than its length says");
        }
        bigEndian = outside;
        return items;
    }

    private void skipFragments() throws IOException {
        while (true) {
            Head item = itemHead();
            if (item.tag == Tag.SEQUENCE_END) {
                return;
            }
            if (item.tag != Tag.ITEM || item.length == UNDEFINED) {
                throw in.damaged("a fragment has no length");
            }
            in.skip(held(item));
        }
    }

    private Head itemHead() throws IOException {
        int tag = tag();
        return new Head(tag, Vr.UN, in.number(4, bigEndian), false);
    }

    private Head head(boolean explicit, boolean signed) throws IOException {
        int tag = tag();
        if (tag == Tag.ITEM || tag == Tag.ITEM_END || tag == Tag.SEQUENCE_END) {
            return new Head(tag, Vr.UN, in.number(4, bigEndian), false);
        }
        if (!explicit) {
            return new Head(tag, Representations.of(tag, signed), in.number(4, bigEndian), true);
        }
        int first = (int) in.number(1, false);
        int second = (int) in.number(1, false);
        Vr vr = Vr.of(first, second);
        if (vr == null) {
            throw in.damaged(Tag.text(tag) + " has an unknown value representation");
        }
        if (!vr.longLength()) {
            return new Head(tag, vr, in.number(2, bigEndian), false);
        }
        in.skip(2);
        long length = in.number(4, bigEndian);
        return vr == Vr.UN // by PS3.5, 6.2.2: encoded as if it were implicit
                ? new Head(tag, Representations.of(tag, signed), length, true)
                : new Head(tag, vr, length, false);
    }

    private int tag() throws IOException {
        int group = (int) in.number(2, bigEndian);
        return group << 16 | (int) in.number(2, bigEndian);
    }

    /** An element's length, held to the rest of the file. */
    private long held(Head head) {
        in.require(head.length, head.tag);
        return head.length;
    }

    private byte[] value(Head head) throws IOException {
        if (head.length == UNDEFINED) {
            throw in.damaged(Tag.text(head.tag) + " has no length");
        }
        byte[] value = in.bytes(held(head));
        if (bigEndian && !head.implicit) {
            turn(value, head.vr.width());
        }
        return value;
    }

    /** Turns the order of the bytes of each number. */
    static void turn(byte[] bytes, int width) {
        for (int at = 0; at + width <= bytes.length; at += width) {
            for (int k = 0; k < width / 2; k++) {
                byte kept = bytes[at + k];
                bytes[at + k] = bytes[at + width - 1 - k];
                bytes[at + width - 1 - k] = kept;
            }
        }
    }
}
