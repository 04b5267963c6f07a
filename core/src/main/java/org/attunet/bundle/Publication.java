package org.attunet.bundle;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.attunet.error.ConfigException;
import org.attunet.image.LabelSet;
import org.jspecify.annotations.Nullable;

/**
 * A bundle's general metadata: description, credits, licence and version.
 *
 * @param description what the model does, in at most 1024 characters
 * @param authors the model's authors
 * @param licence the SPDX identifier of the licence; null if none is given
 * @param version the model's own semantic version, such as {@code 1.0.0}
 * @param created when the bundle was made, to the second
 * @param cover a picture as PNG; null for none
 */
public record Publication(
        String description,
        List<Author> authors,
        @Nullable String licence,
        String version,
        Instant created,
        byte @Nullable [] cover) {
    /** The description of a model of objects that its maker doesn't describe. */
    public static final String OBJECTS = "Objects, told apart where they touch, by an Attention U-Net.";

    /** What {@code rdf.yaml} says if no licence is named: readers require one of the list, and it grants the least. */
    public static final String UNNAMED_LICENCE = "CC-BY-NC-ND-4.0";

    private static final int LONGEST_DESCRIPTION = 1024; // the zoo's limit
    private static final int LONGEST_LIST = 300;

    /**
     * Checks the components and copies them.
     *
     * @param description what the model does, in at most 1024 characters
     * @param authors the model's authors
     * @param licence the SPDX identifier of the licence; null if none is given
     * @param version the model's own semantic version, such as {@code 1.0.0}
     * @param created when the bundle was made, to the second
     * @param cover a picture as PNG; null for none
     */
    public Publication {
        authors = List.copyOf(authors);
        created = created.truncatedTo(ChronoUnit.SECONDS);
        if (description.length() > LONGEST_DESCRIPTION) {
            throw new ConfigException(
                    "description", description.length() + " characters", "at most " + LONGEST_DESCRIPTION);
        }
        if (!version.matches("\\d+\\.\\d+\\.\\d+([-+][0-9A-Za-z.-]+)*")) {
            throw new ConfigException("version", version, "a semantic version such as 1.0.0");
        }
        if (licence != null && !licences().contains(licence)) {
            throw new ConfigException("licence", licence, "an SPDX identifier such as Apache-2.0 or CC-BY-4.0");
        }
    }

    /**
     * {@return a description in one sentence, for a model without one; of many labels, it names the first}
     *
     * @param labels the labels of the model
     */
    public static String defaultDescription(LabelSet labels) {
        List<String> names = List.copyOf(labels.names());
        int named = names.size();
        String list = String.join(", ", names);
        while (list.length() > LONGEST_LIST && named > 0) {
            named--;
            String first = named == 0 ? "" : String.join(", ", names.subList(0, named)) + " and ";
            list = first + (names.size() - named) + (named == 0 ? " labels" : " more labels");
        }
        return "Segmentation of " + list + " by an Attention U-Net.";
    }

    /** The identifiers of the SPDX list that the zoo's schema allows. */
    private static Set<String> licences() {
        try (InputStream in = Publication.class.getResourceAsStream("spdx-licences.txt")) {
            byte[] list = Objects.requireNonNull(in, "spdx-licences.txt").readAllBytes();
            return Set.copyOf(new String(list, StandardCharsets.UTF_8).lines().toList());
        } catch (IOException e) {
            throw new IllegalStateException("the list of licences can't be read from the program's jar", e);
        }
    }
}
