package org.attunet.dicom.data;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * The value representations of all elements of PS3.6, for files and elements that don't state theirs.
 *
 * <p>Where the standard leaves a choice: US or SS is SS if pixels are signed; OB or OW, and US or OW, are OW (PS3.5, A.1).
 */
public final class Representations {
    private static final Map<Integer, Vr> OF = new HashMap<>(8192);
    private static final Set<Integer> SIGNED_AS_PIXELS = new HashSet<>();
    private static final List<Repeating> REPEATING = new ArrayList<>();

    /** Tags of which some digits are free. */
    private record Repeating(int mask, int bits, Vr vr) {}

    static {
        try (InputStream in = Representations.class.getResourceAsStream("representations.txt")) {
            String all = new String(Objects.requireNonNull(in, "resource").readAllBytes(), StandardCharsets.US_ASCII);
            for (int at = 0, end; at < all.length(); at = end + 1) {
                end = all.indexOf('\n', at);
                if (all.charAt(at) != '#') {
                    read(all, at, end);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Representations() {}

    /** Reads a line: four digits of the group, two letters, and the elements' four digits, a space between them. */
    private static void read(String all, int from, int end) {
        String name = all.substring(from + 5, from + 7);
        Vr vr = switch (name) {
            case "XS" -> Vr.US;
            case "OX", "XW" -> Vr.OW;
            default -> Vr.valueOf(name);
        };
        for (int at = from + 8; at < end; at += 5) {
            int mask = 0;
            int bits = 0;
            for (int k = 0; k < 8; k++) {
                int digit = Character.digit(all.charAt(k < 4 ? from + k : at + k - 4), 16); // -1 of a free one
                mask = (mask << 4) | (digit < 0 ? 0 : 15);
                bits = (bits << 4) | Math.max(0, digit);
            }
            if (mask != -1) {
                REPEATING.add(new Repeating(mask, bits, vr));
            } else {
                OF.put(bits, vr);
                if (name.equals("XS")) {
                    SIGNED_AS_PIXELS.add(bits);
                }
            }
        }
    }

    /**
     * Returns the representation of an element; {@link Vr#UN} of private elements, except for what reserves them, and of
     * elements that the standard doesn't have.
     *
     * @param signed whether pixels are signed
     */
    public static Vr of(int tag, boolean signed) {
        int element = tag & 0xFFFF;
        if (element == 0) {
            return Vr.UL; // a group's length
        }
        if (Tag.isPrivate(tag)) {
            return element >= 0x10 && element <= 0xFF ? Vr.LO : Vr.UN;
        }
        Vr vr = OF.get(tag);
        if (vr == null) {
            for (Repeating one : REPEATING) {
                if ((tag & one.mask) == one.bits) {
                    return one.vr;
                }
            }
            return Vr.UN;
        }
        return signed && SIGNED_AS_PIXELS.contains(tag) ? Vr.SS : vr;
    }
}
