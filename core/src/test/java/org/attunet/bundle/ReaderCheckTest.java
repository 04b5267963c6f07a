package org.attunet.bundle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.attunet.bundle.ReaderCheck.Finding;
import org.attunet.bundle.ReaderCheck.Weight;
import org.attunet.error.AttunetException;
import org.attunet.preprocess.Normalisation;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What other programs' code was seen to do with bundles, said of bundles of this and the older version. */
class ReaderCheckTest {
    @TempDir
    private Path folder;

    @Test
    void a_bundle_of_pictures_runs_everywhere() {
        List<Finding> found = of(Samples.photograph(), Reader.values());
        assertThat(found)
                .filteredOn(one -> one.reader() != Reader.QUPATH)
                .extracting(Finding::weight)
                .containsOnly(Weight.REMARK);
        assertThat(weights(found, Reader.QUPATH)).contains(Weight.WRONG); // a fault of QuPath with colours
        assertThat(texts(found, Reader.CORE)).isEmpty();
        assertThat(texts(found, Reader.WEB)).isEmpty();
        assertThat(texts(found, Reader.ONNXRUNTIME)).containsExactly("version 1.8 or later");
        assertThat(texts(found, Reader.JDLL)).singleElement().asString().contains("mirrors");
    }

    @Test
    void volumes_and_percentiles_are_not_for_all() {
        List<Finding> found = of(Samples.volume(new Normalisation.PercentileClip(1, 99)), Reader.values());
        assertThat(weights(found, Reader.QUPATH)).contains(Weight.REFUSED, Weight.WRONG);
        assertThat(weights(found, Reader.JDLL)).contains(Weight.REFUSED);
        assertThat(weights(found, Reader.CORE)).isEmpty();
        assertThat(texts(found, Reader.OPENCV)).contains("do clip yourself before");
    }

    /** JDLL computed such an output's size as its voxels times millimetres, and its engine crashed. */
    @Test
    void no_output_has_a_voxel_size() throws IOException {
        BundleContent volume = Samples.volume(new Normalisation.ZScore());
        assertThat(weights(of(volume, Reader.JDLL), Reader.JDLL)).doesNotContain(Weight.REFUSED);
        Path place = folder.resolve("model");
        BundleWriter.write(volume, place);
        Path rdf = place.resolve("rdf.yaml");
        String text = Files.readString(rdf);
        assertThat(text).contains("1 x 1 x 2.5 mm");
        int output = text.indexOf("outputs:");
        Files.writeString(
                rdf,
                text.substring(0, output)
                        + text.substring(output)
                                .replaceFirst("id: \"?z\"?", "id: z\n    unit: millimeter\n    scale: 2.5"));
        assertThat(texts(ReaderCheck.of(place, List.of(Reader.JDLL)), Reader.JDLL))
                .anyMatch(found -> found.contains("an output has a voxel size"));
    }

    /** OpenCV 4.6 ran volumes with transposed convolutions and any normalisation of one channel, but not with these. */
    @Test
    void opencv_has_not_all_operators() {
        BundleContent volume = Samples.volume(new Normalisation.ZScore());
        OnnxGraph graph = OnnxGraph.of(Samples.ONNX);
        for (String type : List.of("Resize", "Clip", "GlobalMaxPool")) {
            graph.nodes.add(OnnxGraph.Node.of(type, type, List.of("conv"), type));
        }
        BundleContent resized = BundleContent.of(volume.model(), graph.toBytes(), volume.test());
        assertThat(weights(of(volume, Reader.OPENCV), Reader.OPENCV)).containsOnly(Weight.REMARK);
        assertThat(texts(of(resized, Reader.OPENCV), Reader.OPENCV))
                .contains("interpolation of volumes", "the operator Clip", "statistics of the channels of volumes");
    }

    /** JDLL's NullPointerException, QuPath's refusals and bioimageio.core's complaint about the older layout. */
    @Test
    void the_older_layout_is_refused_for_the_reasons_that_were_seen() throws IOException {
        Path old = folder.resolve("old.zip");
        try (InputStream in = ReaderCheckTest.class.getResourceAsStream("version_1.zip")) {
            Files.write(old, in.readAllBytes());
        }
        List<Finding> found = ReaderCheck.of(old, List.of(Reader.values()));
        assertThat(texts(found, Reader.JDLL)).contains("rdf.yaml has no id", "the step softmax");
        assertThat(texts(found, Reader.QUPATH))
                .contains("rdf.yaml has no license", "2 outputs", "scale_linear with a number", "softmax is left out");
        assertThat(texts(found, Reader.CORE)).anyMatch(text -> text.contains("no test tensor"));
        assertThat(texts(found, Reader.ONNXRUNTIME)).contains("version 1.12.1 or later", "do softmax yourself after");
    }

    @Test
    void what_is_no_bundle_is_refused() throws IOException {
        Path text = Files.writeString(folder.resolve("a.zip"), "no bundle");
        assertThatThrownBy(() -> ReaderCheck.of(text, List.of(Reader.JDLL)))
                .isInstanceOf(AttunetException.class)
                .hasMessageContaining("a.zip");
    }

    @Test
    void a_damaged_network_is_named() throws IOException {
        Path place = folder.resolve("model");
        BundleWriter.write(Samples.photograph(), place);
        Files.writeString(place.resolve("model.onnx"), "no network");
        assertThatThrownBy(() -> ReaderCheck.of(place, List.of(Reader.JDLL)))
                .isInstanceOf(AttunetException.class)
                .hasMessageContaining("model.onnx: it is not an ONNX file");
    }

    private List<Finding> of(BundleContent content, Reader... readers) {
        Path place = folder.resolve("model.zip");
        BundleWriter.write(content, place);
        return ReaderCheck.of(place, List.of(readers));
    }

    private static List<String> texts(List<Finding> found, Reader reader) {
        return found.stream()
                .filter(one -> one.reader() == reader)
                .map(Finding::text)
                .toList();
    }

    private static List<Weight> weights(List<Finding> found, Reader reader) {
        return found.stream()
                .filter(one -> one.reader() == reader)
                .map(Finding::weight)
                .toList();
    }
}
