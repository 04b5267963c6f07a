package org.attunet.dicom.web;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.attunet.error.AttunetException;
import org.jspecify.annotations.Nullable;

/**
 * A DICOMweb server, or a study or series on it, as {@code dicomweb+https://host/root/studies/UID/series/UID}: the address of
 * the service (PS3.18, 8.2) with {@code dicomweb+} before it.
 *
 * @param root the service's address without a slash at its end, such as {@code https://host/dicom-web}
 * @param study Study Instance UID; null for the whole server
 * @param series Series Instance UID; null for a whole study or server
 */
public record WebAddress(
        URI root, @Nullable String study, @Nullable String series) {
    private static final String PREFIX = "dicomweb+";
    private static final String UID = "[0-9][0-9.]{0,63}";
    private static final Pattern RESOURCE =
            Pattern.compile("(?<root>.*?)(/studies/(?<study>" + UID + ")(/series/(?<series>" + UID + "))?)?/*");
    private static final String EXPECTED =
            "an address such as dicomweb+https://host/dicom-web/studies/1.2.3/series/4.5.6";

    /** {@return whether a text is meant as such an address} */
    public static boolean looksLike(String text) {
        return text.toLowerCase(Locale.ROOT).startsWith(PREFIX);
    }

    /**
     * Reads an address.
     *
     * @throws AttunetException if it is none, or holds a password
     */
    public static WebAddress of(String text) {
        URI uri = uri(looksLike(text) ? text.substring(PREFIX.length()) : text);
        if (uri.getRawUserInfo() != null) {
            throw bad("the address", "it holds a user name", "put user name and password into a file");
        }
        String scheme = String.valueOf(uri.getScheme()).toLowerCase(Locale.ROOT);
        boolean plain = uri.getRawQuery() == null && uri.getRawFragment() == null;
        Matcher resource = RESOURCE.matcher(uri.getRawPath() == null ? "" : uri.getRawPath());
        if (!looksLike(text) || !scheme.matches("https?") || uri.getHost() == null || !plain || !resource.matches()) {
            throw bad(text, "it is no address of a DICOMweb server", "correct the address");
        }
        String root = resource.group("root").replaceFirst("/+$", "");
        if (root.matches(".*/(studies|series|instances)(/.*)?")) {
            throw bad(text, "its path is that of no study or series", "correct the address");
        }
        String authority = uri.getRawAuthority();
        return new WebAddress(
                URI.create(scheme + "://" + authority + root), resource.group("study"), resource.group("series"));
    }

    /** {@return the series on this server} */
    public WebAddress of(String study, String series) {
        return new WebAddress(root, study, series);
    }

    private static URI uri(String text) {
        try {
            return new URI(text);
        } catch (URISyntaxException e) {
            throw bad(
                    "the address", "it is no address (" + e.getReason() + ")", "correct it"); // it may hold a password
        }
    }

    private static AttunetException bad(String subject, String found, String remedy) {
        return new AttunetException(subject, found, EXPECTED, remedy);
    }

    /** The address of the study or series, or that of the service. */
    String path() {
        return root + (study == null ? "" : "/studies/" + study) + (series == null ? "" : "/series/" + series);
    }

    /** {@return whether data on the way are encrypted or stay on this machine} */
    public boolean isPrivate() {
        return root.getScheme().equals("https") || isLoopback(root.getHost());
    }

    /** Whether a host's name is this machine's, without asking anyone. */
    private static boolean isLoopback(String host) {
        return host.equalsIgnoreCase("localhost") || host.matches("127(\\.\\d{1,3}){3}") || host.equals("[::1]");
    }

    /** {@return the address as it is given} */
    @Override
    public String toString() {
        return PREFIX + path();
    }
}
