package org.attunet.dicom.anonymise;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import java.util.regex.Pattern;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.attunet.dicom.data.DataSet;
import org.attunet.dicom.data.Tag;
import org.attunet.dicom.data.Uid;

/**
 * New identifiers in the place of old ones, by HMAC-SHA-256 with a secret key: the same for the same old one, and of no use
 * for guessing it to those who don't have the key.
 */
final class Pseudonyms {
    private static final Pattern STANDARD = Pattern.compile("1\\.2\\.840\\.10008(\\.\\d{1,5}){1,9}");
    private static final int MOST_YEARS = 10;

    private final SecretKeySpec key;
    private final boolean numbered;
    private final Map<String, String> patients = new LinkedHashMap<>();

    /**
     * @param numbered whether patients are numbered in the order in which they come, instead of by the key
     */
    Pseudonyms(byte[] key, boolean numbered) {
        this.key = new SecretKeySpec(key, "HmacSHA256");
        this.numbered = numbered;
    }

    /** Whether an identifier is one of the standard's, such as a class or a transfer syntax. */
    static boolean isStandard(String uid) {
        return STANDARD.matcher(uid).matches();
    }

    /** The new identifier, under 2.25; those of the standard are kept. */
    String uid(String old) {
        if (old.isEmpty() || isStandard(old)) {
            return old;
        }
        ByteBuffer hash = hash("uid", old);
        long high = (hash.getLong() & ~0xF000L) | 0x8000L; // a UUID of version 8: of bits by own rules
        long low = (hash.getLong() & ~(3L << 62)) | (1L << 63);
        return Uid.of(new UUID(high, low));
    }

    /** What a data set says of whose it is: the patient's identifier, else the name and birth date, else the study. */
    static String identity(DataSet set) {
        String id = set.text(0x0010_0020);
        String name = set.text(0x0010_0010);
        if (!id.isEmpty()) {
            return "id\n" + id;
        }
        return name.isEmpty()
                ? "study\n" + set.text(Tag.STUDY_INSTANCE_UID)
                : "name\n" + name + "\n" + set.text(0x0010_0030);
    }

    /** The patient's new identifier. */
    String patient(String identity) {
        return patients.computeIfAbsent(
                identity,
                old -> numbered
                        ? String.format("P%04d", patients.size() + 1)
                        : String.format("P%010X", hash("patient", old).getLong() >>> 24));
    }

    /** The old identities and the new identifiers, in the order in which patients came. */
    Map<String, String> patients() {
        return patients;
    }

    /** The days by which a patient's dates are shifted to earlier ones: 1 to ten years. */
    int days(String identity) {
        return 1 + (int) Long.remainderUnsigned(hash("days", identity).getLong(), MOST_YEARS * 365);
    }

    private ByteBuffer hash(String purpose, String text) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(key);
            return ByteBuffer.wrap(mac.doFinal((purpose + ":" + text).getBytes(StandardCharsets.UTF_8)));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e); // every Java has it
        }
    }
}
