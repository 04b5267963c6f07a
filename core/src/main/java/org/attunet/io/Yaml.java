package org.attunet.io;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.nio.file.Path;
import org.attunet.error.AttunetException;
import org.yaml.snakeyaml.LoaderOptions;

/** YAML as trees. Reading is safe for files of any origin: bounded in size and depth, plain data only, unique keys. */
public final class Yaml {
    private static final int DEEPEST = 64;

    private Yaml() {}

    /**
     * Parses a text that holds a mapping.
     *
     * @param file the origin of the text, for messages
     * @param text the file's content
     * @param mostCharacters the longest text that is parsed
     * @param what the expected content, for the failure, such as "a plan"
     * @param remedy for the failure
     * @return the mapping
     * @throws AttunetException if the text is not YAML, no mapping, too long, nested deeper than 64 levels or holds a key
     *     twice
     */
    public static ObjectNode mapping(Path file, String text, int mostCharacters, String what, String remedy) {
        LoaderOptions limits = new LoaderOptions();
        limits.setCodePointLimit(mostCharacters);
        limits.setNestingDepthLimit(DEEPEST);
        YAMLFactory factory = YAMLFactory.builder()
                .loaderOptions(limits)
                .streamReadConstraints(
                        StreamReadConstraints.builder().maxNestingDepth(DEEPEST).build())
                .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                .build();
        try {
            if (new YAMLMapper(factory).readTree(text) instanceof ObjectNode root) {
                return root;
            }
            throw new AttunetException(file, "no keys and values", what + " in YAML", remedy);
        } catch (JsonProcessingException | org.yaml.snakeyaml.error.YAMLException e) {
            String reason = String.valueOf(e.getMessage()).lines().findFirst().orElse("no reason given");
            String line = e instanceof JsonProcessingException json && json.getLocation() != null
                    ? "line " + json.getLocation().getLineNr() + ": "
                    : "";
            throw new AttunetException(file.toString(), "it is not YAML (" + line + reason + ")", "YAML", remedy, e);
        }
    }

    /**
     * {@return a tree as YAML without a document marker, each value on one line}
     *
     * @param tree the tree
     */
    public static String text(JsonNode tree) {
        try {
            return YAMLMapper.builder()
                    .disable(YAMLGenerator.Feature.WRITE_DOC_START_MARKER)
                    .disable(YAMLGenerator.Feature.SPLIT_LINES)
                    .build()
                    .writeValueAsString(tree);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("plain values can always be written", e);
        }
    }
}
