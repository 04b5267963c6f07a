package org.attunet.annotation;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.attunet.image.Outline;
import org.attunet.objects.ObjectMap;

/**
 * Objects as a zip file of ImageJ's selections, which its ROI Manager opens: each a traced outline along the edges of its
 * pixels, or a composite if it has holes, several pieces or more than 65535 corners. A selection's name is its object's number.
 * Source: ij.io.RoiEncoder of ImageJ 1.54, version 228 of the format.
 */
final class RoiWriter {
    private static final int HEADER = 64;
    private static final int SECOND_HEADER = 64;
    private static final int MOST_CORNERS = 0xffff;
    private static final int LARGEST_SHORT = Short.MAX_VALUE;
    private static final byte RECTANGLE = 1; // which composites are declared as
    private static final byte TRACED = 8;

    private RoiWriter() {}

    static void write(ObjectMap objects, OutputStream out) throws IOException {
        ZipOutputStream zip = new ZipOutputStream(out);
        ObjectOutlines.<IOException>trace(objects, (number, pieces) -> {
            String name = String.format(Locale.ROOT, "%05d", number);
            ZipEntry entry = new ZipEntry(name + ".roi");
            entry.setTime(0); // equal objects give equal files
            zip.putNextEntry(entry);
            zip.write(encoded(pieces, name));
        });
        zip.finish();
    }

    private static byte[] encoded(List<Outline> pieces, String name) {
        int[] box = box(pieces);
        int[] ring = pieces.get(0).exterior();
        boolean simple = pieces.size() == 1
                && pieces.get(0).holes().isEmpty()
                && ring.length / 2 <= MOST_CORNERS
                && box[2] <= LARGEST_SHORT
                && box[3] <= LARGEST_SHORT;
        int numbers = simple
                ? 0
                : pieces.stream()
                        .mapToInt(piece -> segments(piece.exterior())
                                + piece.holes().stream()
                                        .mapToInt(RoiWriter::segments)
                                        .sum())
                        .sum();
        int second = HEADER + (simple ? 2 * ring.length : 4 * numbers);
        ByteBuffer bytes = ByteBuffer.allocate(second + SECOND_HEADER + 2 * name.length());
        bytes.put("Iout".getBytes(StandardCharsets.US_ASCII)).putShort((short) 228);
        bytes.put(simple ? TRACED : RECTANGLE).put((byte) 0);
        bytes.putShort((short) box[1])
                .putShort((short) box[0])
                .putShort((short) box[3])
                .putShort((short) box[2]);
        bytes.putShort((short) (simple ? ring.length / 2 : 0));
        bytes.putInt(36, numbers).putInt(60, second).position(HEADER);
        if (simple) {
            for (int axis = 0; axis < 2; axis++) {
                for (int i = axis; i < ring.length; i += 2) {
                    bytes.putShort((short) (ring[i] - box[axis]));
                }
            }
        } else {
            for (Outline piece : pieces) {
                shape(piece.exterior(), bytes);
                piece.holes().forEach(hole -> shape(hole, bytes));
            }
        }
        bytes.putInt(second + 16, second + SECOND_HEADER).putInt(second + 20, name.length());
        bytes.position(second + SECOND_HEADER);
        name.chars().forEach(letter -> bytes.putShort((short) letter));
        return bytes.array();
    }

    /** Left, top, right and bottom. */
    private static int[] box(List<Outline> pieces) {
        int[] box = {Integer.MAX_VALUE, Integer.MAX_VALUE, 0, 0};
        for (Outline piece : pieces) {
            int[] ring = piece.exterior();
            for (int i = 0; i < ring.length; i++) {
                box[i % 2] = Math.min(box[i % 2], ring[i]);
                box[2 + i % 2] = Math.max(box[2 + i % 2], ring[i]);
            }
        }
        return box;
    }

    /** The numbers of a ring as segments: three for each corner, and the end. */
    private static int segments(int[] ring) {
        return ring.length / 2 * 3 + 1;
    }

    private static void shape(int[] ring, ByteBuffer bytes) {
        for (int i = 0; i < ring.length; i += 2) {
            bytes.putFloat(i == 0 ? 0 : 1).putFloat(ring[i]).putFloat(ring[i + 1]);
        }
        bytes.putFloat(4);
    }
}
