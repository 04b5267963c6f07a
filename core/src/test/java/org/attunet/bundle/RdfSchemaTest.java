package org.attunet.bundle;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import com.networknt.schema.Error;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.io.IOException;
import java.io.InputStream;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.attunet.preprocess.IntensityStep;
import org.attunet.preprocess.Normalisation;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What is written as {@code rdf.yaml} against the schema that the BioImage Model Zoo publishes. */
class RdfSchemaTest {
    private static final Schema SCHEMA = schema();

    @ParameterizedTest
    @MethodSource("contents")
    void a_written_description_is_valid(BundleContent content) throws IOException {
        assertThat(SCHEMA.validate(rdf(content))).isEmpty();
    }

    static Stream<BundleContent> contents() {
        return Stream.concat(
                Stream.of(Samples.photograph(), Samples.full()),
                normalisations().map(Samples::volume));
    }

    private static Stream<Normalisation> normalisations() {
        return Stream.of(
                new Normalisation.ZScore(),
                new Normalisation.PercentileClip(0.5, 99.5),
                new Normalisation.Window(-160, 240),
                new Normalisation.ClipStandardise(-500, 900, 80.5, 140),
                new Normalisation.ClipStandardise(0, 1e-7, 0, 1e-8),
                new Normalisation.UnitRange(0, 255),
                new Normalisation.MinMax(),
                new Normalisation.Identity(),
                new Normalisation.Steps(List.of(
                        new IntensityStep.Linear(2, -1),
                        new IntensityStep.Range(1, 99.8, 1e-6),
                        new IntensityStep.ClipPercentiles(2, 98),
                        new IntensityStep.Standardise(0),
                        new IntensityStep.Clip(0, 1))));
    }

    /** The validator must be able to say no, or its yes would mean nothing. */
    @Test
    void a_description_with_a_wrong_axis_is_not_valid() throws IOException {
        JsonNode rdf = rdf(Samples.photograph());
        ((ObjectNode) rdf.at("/inputs/0/axes/2/size")).put("step", 0);

        assertThat(SCHEMA.validate(rdf).stream().map(Error::toString)).anyMatch(e -> e.contains("step"));
    }

    @Test
    void a_description_without_weights_is_not_valid() throws IOException {
        JsonNode rdf = rdf(Samples.photograph());
        ((ObjectNode) rdf).remove("weights");

        assertThat(SCHEMA.validate(rdf).stream().map(Error::toString)).anyMatch(e -> e.contains("weights"));
    }

    /** Rules of the zoo's own reader that its schema can't express. */
    @ParameterizedTest
    @MethodSource("contents")
    void the_halo_is_even_and_leaves_half_of_the_smallest_input(BundleContent content) throws IOException {
        JsonNode rdf = rdf(content);
        for (JsonNode axis : rdf.at("/outputs/0/axes")) {
            if (axis.path("type").asText().equals("space")) {
                int halo = axis.path("halo").asInt();
                assertThat(halo).isPositive().isEven();
                assertThat(least(rdf, axis.path("id").asText())).isGreaterThanOrEqualTo(4 * halo);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("contents")
    void the_test_input_has_a_size_that_the_description_allows(BundleContent content) throws IOException {
        JsonNode rdf = rdf(content);
        int[] size = content.test().size(); // x, y[, z]
        for (int axis = 0; axis < size.length; axis++) {
            String id = String.valueOf("xyz".charAt(axis));
            assertThat(size[axis]).isGreaterThanOrEqualTo(least(rdf, id));
            assertThat((size[axis] - least(rdf, id)) % content.model().shape().multiple())
                    .isZero();
        }
    }

    private static int least(JsonNode rdf, String id) {
        for (JsonNode axis : rdf.at("/inputs/0/axes")) {
            if (axis.path("id").asText().equals(id)) {
                return axis.at("/size/min").asInt();
            }
        }
        throw new AssertionError("no axis " + id);
    }

    static JsonNode rdf(BundleContent content) throws IOException {
        String hash = "0123456789abcdef".repeat(4);
        Map<String, String> hashes = new LinkedHashMap<>();
        for (String name : List.of(
                BundleFiles.CARD,
                BundleFiles.COVER,
                BundleFiles.ONNX,
                BundleFiles.INT8,
                BundleFiles.WEIGHTS,
                BundleFiles.TEST_INPUT,
                BundleFiles.TEST_OUTPUT)) {
            hashes.put(name, hash);
        }
        return new YAMLMapper().readTree(RdfWriter.text(content, hashes, 13));
    }

    private static Schema schema() {
        try (InputStream in = RdfSchemaTest.class.getResourceAsStream("bioimageio-model-0.5.7.schema.json")) {
            JsonNode tree = new com.fasterxml.jackson.databind.ObjectMapper().readTree(in);
            return SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
                    .getSchema(tree);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
