package org.attunet.dicom.result;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.attunet.dicom.result.CodedLabel.Concept;
import org.jspecify.annotations.Nullable;

/** The codes of common structures by their names: SNOMED CT's, as PS3.16 has them. */
final class CodeTable {
    private static final Code ABNORMAL = new Code("SCT", "49755003", "Morphologically Abnormal Structure");
    private static final Map<String, Code> CATEGORIES = Map.of(
            "A", new Code("SCT", "123037004", "Anatomical Structure"),
            "T", new Code("SCT", "85756007", "Tissue"),
            "M", ABNORMAL,
            "B", new Code("SCT", "91720002", "Body Substance"),
            "P", new Code("SCT", "260787004", "Physical object"));
    private static final Pattern LINE = Pattern.compile("([ATMBP]) (?:(\\w+):)?(\\w+) (.+) = (.+)");

    private static final Map<String, Concept> BY_NAME = read();

    private CodeTable() {}

    /** Returns the concept of a name; null if the table doesn't have it. */
    static @Nullable Concept find(String key) {
        return BY_NAME.get(key);
    }

    /** Returns the category of a type; null if the table doesn't have it. */
    static @Nullable Code category(Code type) {
        return BY_NAME.values().stream()
                .filter(concept -> concept.type().scheme().equals(type.scheme())
                        && concept.type().value().equals(type.value()))
                .map(Concept::category)
                .findFirst()
                .orElse(null);
    }

    static boolean isAbnormal(Concept concept) {
        return concept.category().equals(ABNORMAL);
    }

    private static Map<String, Concept> read() {
        Map<String, Concept> table = new HashMap<>();
        try (InputStream in = Objects.requireNonNull(CodeTable.class.getResourceAsStream("codes.txt"), "codes.txt")) {
            for (String line : new String(in.readAllBytes(), StandardCharsets.UTF_8).split("\n")) {
                Matcher parts = LINE.matcher(line);
                if (parts.matches()) {
                    String scheme = Objects.requireNonNullElse(parts.group(2), "SCT");
                    Concept concept = new Concept(
                            Objects.requireNonNull(CATEGORIES.get(parts.group(1))),
                            new Code(scheme, parts.group(3), parts.group(4)),
                            null,
                            null);
                    for (String name : parts.group(5).split("\\|")) {
                        table.put(Codes.key(name), concept);
                    }
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return table;
    }
}
