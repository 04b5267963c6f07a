package org.attunet.bundle;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonMappingException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.attunet.error.AttunetException;
import org.attunet.io.Json;
import org.attunet.objects.ObjectSettings;

/** Reads the {@code rdf.yaml} of a bundle of attunet; unknown or missing fields and files are refused. */
final class OwnRdfReader {
    private static final List<String> FIELDS = List.of("version", "model", "temperature", "tiling", "files", "card");
    private static final String KEEP_LARGEST = "keep_largest"; // optional, also because older versions lack it
    private static final String OBJECTS = "objects";
    private static final String PROFILE = "profile"; // likewise
    private static final String LICENCE_NAMED = "licence_named"; // only if it isn't

    private OwnRdfReader() {}

    static BundleManifest read(RdfNode rdf, BundleFiles files) {
        RdfNode own = rdf.get("config").get("attunet");
        checkVersion(rdf, own);
        checkFields(own);
        Map<String, String> hashes = hashes(own.get("files"));
        checkFiles(files, hashes);
        checkDeclared(rdf.get("weights").get("onnx"), BundleFiles.ONNX, hashes);
        checkDeclared(first(rdf.get("inputs")).get("test_tensor"), BundleFiles.TEST_INPUT, hashes);
        checkDeclared(first(rdf.get("outputs")).get("test_tensor"), BundleFiles.TEST_OUTPUT, hashes);
        return new BundleManifest(
                true,
                ModelJson.of(rdf.file(), own.get("model").node()),
                new InferenceSettings(
                        tiling(own.get("tiling")),
                        temperature(own.get("temperature")),
                        own.get(KEEP_LARGEST).present()
                                ? value(own.get(KEEP_LARGEST), KeepLargest.class, "union and labels")
                                : KeepLargest.NONE,
                        own.get(OBJECTS).present()
                                ? value(own.get(OBJECTS), ObjectSettings.class, "thresholds of objects")
                                : null),
                own.get(PROFILE).present()
                        ? value(own.get(PROFILE), TrainingProfile.class, "a profile as attunet writes it")
                        : null,
                value(own.get("card"), ModelCard.class, "a card as attunet writes it"),
                new BundleManifest.About(
                        rdf.get("description").text(""),
                        own.get(LICENCE_NAMED).present()
                                ? ""
                                : rdf.get("license").text(""),
                        rdf.get("version").text("")),
                new BundleManifest.Files(
                        hashes,
                        BundleFiles.ONNX,
                        own.get("version").node().asInt() > 1,
                        BundleFiles.TEST_INPUT,
                        BundleFiles.TEST_OUTPUT,
                        BundleFiles.CARD));
    }

    private static void checkVersion(RdfNode rdf, RdfNode own) {
        String format = rdf.get("format_version").text();
        RdfNode version = own.get("version");
        boolean known = format.matches("0\\.5\\.\\d{1,4}")
                && version.node().isInt()
                && version.node().asInt() >= 1
                && version.node().asInt() <= RdfWriter.CONFIG_VERSION;
        if (!known) {
            throw new AttunetException(
                    rdf.file(),
                    "format " + format + " with attunet's part in version " + version.node(),
                    "format 0.5 with attunet's part in version 1 to " + RdfWriter.CONFIG_VERSION,
                    "use the version of attunet that wrote the bundle");
        }
    }

    private static void checkFields(RdfNode own) {
        List<String> unknown = new ArrayList<>();
        own.node().fieldNames().forEachRemaining(unknown::add);
        unknown.removeAll(FIELDS);
        unknown.removeAll(List.of(KEEP_LARGEST, OBJECTS, PROFILE, LICENCE_NAMED));
        if (!unknown.isEmpty()) {
            String found = "unknown field " + own.at() + "." + unknown.get(0);
            throw BundleFiles.damaged(own.file(), found, "the fields " + FIELDS);
        }
        for (String field : FIELDS) {
            if (!own.get(field).present()) {
                throw own.get(field).wrong("a value");
            }
        }
    }

    private static Map<String, String> hashes(RdfNode files) {
        if (!files.node().isObject()) {
            throw files.wrong("a mapping of names to SHA-256");
        }
        Map<String, String> hashes = new TreeMap<>();
        files.node().fieldNames().forEachRemaining(name -> {
            RdfNode hash = files.get(name);
            if (!hash.text().matches("[0-9a-f]{64}")) {
                throw hash.wrong("a SHA-256 of 64 hexadecimal digits");
            }
            hashes.put(name, hash.text());
        });
        return hashes;
    }

    private static void checkFiles(BundleFiles files, Map<String, String> hashes) {
        List<String> needed = new ArrayList<>(hashes.keySet());
        needed.addAll(List.of(BundleFiles.CARD, BundleFiles.ONNX, BundleFiles.TEST_INPUT, BundleFiles.TEST_OUTPUT));
        for (String name : needed) {
            if (!files.has(name) || !hashes.containsKey(name)) {
                String found = files.has(name) ? "rdf.yaml doesn't name it" : "there is no such file";
                throw BundleFiles.damaged(files.path(name), found, "a file of the bundle, with its hash in rdf.yaml");
            }
        }
        for (String name : files.names()) {
            if (!name.equals(BundleFiles.RDF) && !hashes.containsKey(name)) {
                throw new AttunetException(
                        files.path(name),
                        "rdf.yaml doesn't name this file",
                        "the files " + String.join(", ", hashes.keySet()),
                        "remove it, or copy the bundle again from an intact source");
            }
        }
    }

    private static RdfNode first(RdfNode list) {
        List<RdfNode> items = list.items();
        if (items.isEmpty()) {
            throw list.wrong("one tensor or more");
        }
        return items.get(0);
    }

    /** Checks that the zoo's readers get the same file as attunet. */
    private static void checkDeclared(RdfNode file, String name, Map<String, String> hashes) {
        boolean same = file.get("source").text().equals(name)
                && file.get("sha256").text().equals(hashes.get(name));
        if (!same) {
            String expected = name + " with the hash in config.attunet.files";
            throw BundleFiles.damaged(file.file(), file.at() + " is " + file.node(), expected);
        }
    }

    private static double temperature(RdfNode node) {
        double value = node.number();
        if (!(value > 0)) {
            throw node.wrong("a number above 0");
        }
        return value;
    }

    private static Tiling tiling(RdfNode node) {
        int[] halo = node.get("halo").items().stream()
                .mapToInt(size -> size.integer(0, 65536))
                .toArray();
        String mode = node.get("mode").text();
        try {
            for (Tiling.Mode known : Tiling.Mode.values()) {
                if (known.name().equalsIgnoreCase(mode)) {
                    return new Tiling(known, halo);
                }
            }
        } catch (AttunetException e) {
            throw new AttunetException(
                    node.file().toString(), "halo " + Arrays.toString(halo), e.expected(), BundleFiles.REMEDY, e);
        }
        throw node.get("mode").wrong("exact or gaussian");
    }

    private static <T> T value(RdfNode node, Class<T> type, String expected) {
        try {
            return Json.EXACT.treeToValue(node.node(), type);
        } catch (JsonProcessingException e) {
            String reason = e.getCause() instanceof AttunetException own
                    ? own.subject() + ": " + own.found()
                    : e.getOriginalMessage().lines().findFirst().orElse("not readable");
            String where = e instanceof JsonMappingException mapping ? mapping.getPathReference() : "";
            String found = node.at() + ": " + reason + (where.isEmpty() ? "" : " at " + where.replaceAll(".*\\.", ""));
            throw new AttunetException(node.file().toString(), found, expected, BundleFiles.REMEDY, e);
        }
    }
}
