package org.attunet.bundle;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.Set;

/** The identifiers of licences that the zoo knows: those of the SPDX list that its schema names. */
final class Licences {
    private static final Set<String> KNOWN = load();

    private Licences() {}

    static boolean known(String licence) {
        return KNOWN.contains(licence);
    }

    private static Set<String> load() {
        try (InputStream in = Licences.class.getResourceAsStream("spdx-licences.txt")) {
            byte[] list = Objects.requireNonNull(in, "the list of licences is part of the program")
                    .readAllBytes();
            return Set.copyOf(new String(list, StandardCharsets.UTF_8).lines().toList());
        } catch (IOException e) {
            throw new IllegalStateException("the list of licences can't be read from the program's jar", e);
        }
    }
}
