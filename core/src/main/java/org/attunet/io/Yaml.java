package org.attunet.io;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.nio.file.Path;
import org.attunet.error.AttunetException;
import org.yaml.snakeyaml.LoaderOptions;

/** Reads YAML from anywhere as plain data: bounded in size and depth, each key once. */
public final class Yaml {
    private static final int DEEPEST = 64;

    private Yaml() {}

    /**
     * The mapping that a text holds.
     *
     * @param file where the text comes from, for messages
     * @param mostCharacters that are parsed
     * @param what the mapping is to be, for the failure, such as "a plan"
     * @param remedy for the failure
     * @throws AttunetException where it isn't YAML or no mapping, holds a key twice, is too long or nested beyond reason
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
            throw new AttunetException(file.toString(), "it is no YAML (" + line + reason + ")", "YAML", remedy, e);
        }
    }
}
