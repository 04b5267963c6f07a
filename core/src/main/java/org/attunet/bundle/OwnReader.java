package org.attunet.bundle;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonMappingException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.attunet.error.AttunetException;
import org.attunet.io.Json;

/** Reads the {@code rdf.yaml} of a bundle that attunet wrote, strictly: what is unknown, missing or in excess is refused. */
final class OwnReader {
    private static final List<String> FIELDS = List.of("version", "model", "temperature", "tiling", "files", "card");
    /** Left out where there is nothing to tell, as by versions that didn't know it. */
    private static final String KEEP_LARGEST = "keep_largest";

    private static final String REMEDY = "export the model again, or copy the bundle again from where it is whole";

    private OwnReader() {}

    static Described read(Rdf rdf, BundleFiles files) {
        Rdf own = rdf.get("config").get("attunet");
        checkVersion(rdf, own);
        checkFields(own);
        Map<String, String> hashes = hashes(own.get("files"));
        checkFiles(files, hashes);
        for (Map.Entry<String, Rdf> declared : Map.of(
                        BundleFile.ONNX, rdf.get("weights").get("onnx"),
                        BundleFile.TEST_INPUT, first(rdf.get("inputs")).get("test_tensor"),
                        BundleFile.TEST_OUTPUT, first(rdf.get("outputs")).get("test_tensor"))
                .entrySet()) {
            checkDeclared(declared.getValue(), declared.getKey(), hashes);
        }
        Path place = rdf.file();
        return new Described(
                true,
                rdf.get("description").text(""),
                rdf.get("license").text(""),
                rdf.get("version").text(""),
                ModelJson.of(place, own.get("model").node()),
                temperature(own.get("temperature")),
                keepLargest(own.get(KEEP_LARGEST)),
                tiling(own.get("tiling")),
                card(own.get("card")),
                hashes,
                BundleFile.ONNX,
                BundleFile.TEST_INPUT,
                BundleFile.TEST_OUTPUT,
                BundleFile.CARD);
    }

    private static void checkVersion(Rdf rdf, Rdf own) {
        String format = rdf.get("format_version").text();
        Rdf version = own.get("version");
        boolean known = format.matches("0\\.5\\.\\d{1,4}")
                && version.node().isInt()
                && version.node().asInt() == RdfWriter.CONFIG_VERSION;
        if (!known) {
            throw new AttunetException(
                    rdf.file(),
                    "format " + format + " with attunet's part in version " + version.node(),
                    "format 0.5 with attunet's part in version " + RdfWriter.CONFIG_VERSION,
                    "use the version of attunet that wrote the bundle");
        }
    }

    private static void checkFields(Rdf own) {
        List<String> unknown = new ArrayList<>();
        own.node().fieldNames().forEachRemaining(unknown::add);
        unknown.removeAll(FIELDS);
        unknown.remove(KEEP_LARGEST);
        if (!unknown.isEmpty()) {
            throw new AttunetException(
                    own.file(), "unknown field " + own.at() + "." + unknown.get(0), "the fields " + FIELDS, REMEDY);
        }
        for (String field : FIELDS) {
            if (!own.get(field).present()) {
                throw own.get(field).wrong("a value");
            }
        }
    }

    private static Map<String, String> hashes(Rdf files) {
        if (!files.node().isObject()) {
            throw files.wrong("a mapping of names to SHA-256");
        }
        Map<String, String> hashes = new TreeMap<>();
        files.node().fieldNames().forEachRemaining(name -> {
            Rdf hash = files.get(name);
            if (!hash.text().matches("[0-9a-f]{64}")) {
                throw hash.wrong("a SHA-256 of 64 hexadecimal digits");
            }
            hashes.put(name, hash.text());
        });
        return hashes;
    }

    private static void checkFiles(BundleFiles files, Map<String, String> hashes) {
        List<String> needed = new ArrayList<>(hashes.keySet());
        needed.addAll(List.of(BundleFile.CARD, BundleFile.ONNX, BundleFile.TEST_INPUT, BundleFile.TEST_OUTPUT));
        for (String name : needed) {
            if (!files.has(name) || !hashes.containsKey(name)) {
                throw new AttunetException(
                        files.path(name),
                        files.has(name) ? "rdf.yaml doesn't name it" : "there is no such file",
                        "a file of the bundle, with its hash in rdf.yaml",
                        REMEDY);
            }
        }
        for (String name : files.names()) {
            if (!name.equals(BundleFile.RDF) && !hashes.containsKey(name)) {
                throw new AttunetException(
                        files.path(name),
                        "rdf.yaml doesn't name this file",
                        "the files " + String.join(", ", hashes.keySet()),
                        "remove it, or copy the bundle again from where it is whole");
            }
        }
    }

    private static Rdf first(Rdf list) {
        List<Rdf> items = list.items();
        if (items.isEmpty()) {
            throw list.wrong("one tensor or more");
        }
        return items.get(0);
    }

    /** What the zoo's readers are told must be what we read. */
    private static void checkDeclared(Rdf file, String name, Map<String, String> hashes) {
        boolean same = file.get("source").text().equals(name)
                && file.get("sha256").text().equals(hashes.get(name));
        if (!same) {
            throw new AttunetException(
                    file.file(),
                    file.at() + " is " + file.node(),
                    name + " with the hash that stands under config.attunet.files",
                    REMEDY);
        }
    }

    private static double temperature(Rdf node) {
        double value = node.number();
        if (!(value > 0)) {
            throw node.wrong("a number above 0");
        }
        return value;
    }

    private static KeepLargest keepLargest(Rdf node) {
        if (!node.present()) {
            return KeepLargest.NONE;
        }
        Rdf union = node.get("union");
        if (!union.node().isBoolean()) {
            throw union.wrong("true or false");
        }
        return new KeepLargest(
                union.node().asBoolean(),
                node.get("labels").items().stream()
                        .map(label -> label.integer(1, 65535))
                        .toList());
    }

    private static TilingFacts tiling(Rdf node) {
        int[] halo = node.get("halo").items().stream()
                .mapToInt(size -> size.integer(0, 65536))
                .toArray();
        String mode = node.get("mode").text();
        try {
            for (TilingFacts.Mode known : TilingFacts.Mode.values()) {
                if (known.name().equalsIgnoreCase(mode)) {
                    return new TilingFacts(known, halo);
                }
            }
        } catch (AttunetException e) {
            throw new AttunetException(
                    node.file().toString(), "halo " + Arrays.toString(halo), e.expected(), REMEDY, e);
        }
        throw node.get("mode").wrong("exact or gaussian");
    }

    private static ModelCard card(Rdf node) {
        try {
            return Json.EXACT.treeToValue(node.node(), ModelCard.class);
        } catch (JsonProcessingException e) {
            AttunetException cause = e.getCause() instanceof AttunetException own ? own : null;
            String reason = cause != null
                    ? cause.subject() + ": " + cause.found()
                    : e.getOriginalMessage().lines().findFirst().orElse("not readable");
            String where = e instanceof JsonMappingException mapping ? mapping.getPathReference() : "";
            String found = node.at() + ": " + reason + (where.isEmpty() ? "" : " at " + where.replaceAll(".*\\.", ""));
            throw new AttunetException(node.file().toString(), found, "a card as attunet writes it", REMEDY, e);
        }
    }
}
