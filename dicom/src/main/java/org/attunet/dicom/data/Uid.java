package org.attunet.dicom.data;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.UUID;

/** Unique identifiers under 2.25, which are UUIDs as decimal numbers and need no registration (PS3.5, B.2). */
public final class Uid {
    private static final BigInteger UNSIGNED = BigInteger.ONE.shiftLeft(64);

    private Uid() {}

    /** {@return a new identifier} */
    public static String random() {
        return of(UUID.randomUUID());
    }

    /**
     * {@return the identifier that belongs to a name, always the same}
     *
     * @param name any text
     */
    public static String of(String name) {
        return of(UUID.nameUUIDFromBytes(name.getBytes(StandardCharsets.UTF_8)));
    }

    /** {@return the identifier of a UUID} */
    public static String of(UUID uuid) {
        return "2.25."
                + unsigned(uuid.getMostSignificantBits()).shiftLeft(64).add(unsigned(uuid.getLeastSignificantBits()));
    }

    private static BigInteger unsigned(long bits) {
        BigInteger value = BigInteger.valueOf(bits);
        return bits < 0 ? value.add(UNSIGNED) : value;
    }
}
