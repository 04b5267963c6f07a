package org.attunet.dicom.web;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.attunet.error.AttunetException;

/** What a DICOMweb server is shown so that it lets a client in; appears in no text. */
public final class Credentials {
    /** For servers that ask for none. */
    public static final Credentials NONE = new Credentials("");

    private final String header;

    private Credentials(String header) {
        this.header = header;
    }

    /**
     * Reads credentials: {@code Bearer TOKEN}, {@code Basic USER:PASSWORD}, {@code USER:PASSWORD}, or a token alone.
     *
     * @param subject where the text is from, for the failure
     * @throws AttunetException if the text is none of these
     */
    public static Credentials of(String text, String subject) {
        String line = text.strip();
        boolean named = line.matches("(?i)(bearer|basic) .*");
        String value = named ? line.substring(line.indexOf(' ')).strip() : line;
        boolean basic = named ? line.regionMatches(true, 0, "basic", 0, 5) : value.contains(":");
        boolean suitable = basic ? value.matches("[^:\\p{Cntrl}]+:\\P{Cntrl}*") : value.matches("[!-~]+");
        if (!suitable) {
            throw new AttunetException(
                    subject,
                    value.isEmpty() ? "it is empty" : "it holds no credentials",
                    "USER:PASSWORD, or a token, in the first line",
                    "write one of them there");
        }
        return new Credentials(basic ? "Basic " + base64(value) : "Bearer " + value);
    }

    private static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    boolean isEmpty() {
        return header.isEmpty();
    }

    /** The value of the header Authorization (RFC 9110, 11.6.2). */
    String header() {
        return header;
    }

    @Override
    public String toString() {
        return isEmpty() ? "no credentials" : "credentials";
    }
}
