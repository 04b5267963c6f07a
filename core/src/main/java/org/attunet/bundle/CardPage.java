package org.attunet.bundle;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.attunet.network.NetworkConfig;
import org.jspecify.annotations.Nullable;

/** Writes the model card as the page {@code README.md} of a bundle. */
final class CardPage {
    private final BundleContent content;
    private final List<String> lines = new ArrayList<>();

    private CardPage(BundleContent content) {
        this.content = content;
    }

    static String of(BundleContent content) {
        return new CardPage(content).text();
    }

    private String text() {
        ModelDescription model = content.model();
        lines.add("# " + escaped(model.name()));
        paragraph(escaped(content.publication().description()));
        if (content.publication().cover() != null) {
            paragraph("![Examples](" + BundleFiles.COVER + ")");
        }
        section("Intended use", escaped(content.card().intendedUse()));
        section("Limits", "");
        content.card().limits().forEach(limit -> lines.add("- " + escaped(limit)));
        data(content.card().data());
        validation(content.card().scores());
        calibration(content.card().calibration());
        profile(content.profile());
        how(model);
        files();
        provenance();
        return String.join("\n", lines) + "\n";
    }

    private void data(ModelCard.@Nullable Data data) {
        if (data == null) {
            section("Data", "The training data are not recorded in this bundle.");
            return;
        }
        section("Data", "Trained on **" + escaped(data.name()) + "**. " + escaped(data.split()));
        table("part", "cases");
        row("training", Integer.toString(data.train()));
        row("validation (chose the weights)", Integer.toString(data.validation()));
        row("test (held out)", Integer.toString(data.test()));
        if (!data.fingerprint().isEmpty()) {
            paragraph("Fingerprint of the data: `" + data.fingerprint() + "`");
        }
    }

    private void validation(List<ModelCard.Score> scores) {
        if (scores.isEmpty()) {
            section(
                    "Validation",
                    "This bundle contains no measurements. Before any use, compare the model's masks with masks of"
                            + " your own images that were not used in training: `attunet evaluate` computes Dice, IoU and"
                            + " surface distances.");
            return;
        }
        section(
                "Validation",
                "Means over the named cases, with 95% bootstrap intervals; no held-out case was used in training.");
        table("model", "cases", "label", "measure", "mean", "95% interval", "n");
        for (ModelCard.Score score : scores) {
            row(
                    score.precision().name().toLowerCase(Locale.ROOT),
                    escaped(score.cases()),
                    escaped(score.label()),
                    escaped(score.metric()),
                    number(score.mean()),
                    number(score.low()) + " to " + number(score.high()),
                    Integer.toString(score.count()));
        }
    }

    private void calibration(ModelCard.@Nullable Calibration calibration) {
        if (calibration != null) {
            section(
                    "Calibration",
                    "Logits are divided by " + number(calibration.temperature()) + " before they become probabilities,"
                            + " fitted on the validation cases. Expected calibration error: "
                            + number(calibration.errorBefore()) + " before, " + number(calibration.errorAfter())
                            + " after.");
        }
    }

    private void profile(@Nullable TrainingProfile profile) {
        if (profile != null && profile.comparable()) {
            section(
                    "Unlike images",
                    "Images are compared with what the model keeps of " + profile.cases()
                            + " training cases (intensities,"
                            + " texture, size, spacing, the network's response); those that are unlike all of them get"
                            + " a warning. It finds gross differences, not every image that is segmented badly. "
                            + profile.empty() + " of these cases have an empty mask.");
        }
    }

    private void how(ModelDescription model) {
        NetworkConfig network = model.network();
        section("How it works", "");
        lines.add("- network: " + network.family() + ", " + network.dimension() + "D, widths " + network.widths()
                + ", gates " + network.gates() + ", normalisation " + network.normalisation());
        lines.add("- input: " + network.channels() + " channel(s); sizes are multiples of " + network.multiple()
                + "; trained on patches of " + Arrays.toString(model.patch()) + " (x, y[, z])");
        lines.add("- intensities: `" + model.preprocessing().normalisation() + "`");
        double[] spacing = model.preprocessing().targetSpacing();
        lines.add("- voxels: " + model.preprocessing().voxels()
                + (spacing == null ? "" : " (x, y[, z]) where images have a physical size")
                + (model.preprocessing().canonicalOrientation() ? ", axes reordered to RAS+" : ""));
        if (model.preprocessing().normalisation().hasPercentiles()) {
            lines.add(
                    "- in other programs: JDLL (deepImageJ, Icy) refuses percentiles and QuPath leaves them out; clip images"
                            + " there before the model");
        }
        lines.add("- output: probabilities of " + escaped(model.labels().toString()));
        lines.add("- large images: " + content.settings().tiling() + " tiles");
    }

    private void files() {
        BundleContent.Weights weights = content.weights();
        section("Files", "");
        lines.add("- `" + BundleFiles.ONNX + "`: ONNX, from intensities to probabilities");
        if (weights.int8() != null) {
            lines.add("- `" + BundleFiles.INT8 + "`: the same, quantised to 8-bit integers");
        }
        if (weights.stateDict() != null) {
            lines.add("- `" + BundleFiles.WEIGHTS + "`: the weights as a PyTorch state_dict");
        }
        lines.add("- `" + BundleFiles.TEST_INPUT + "`, `" + BundleFiles.TEST_OUTPUT
                + "`: an input and its probabilities, to check a program against");
        lines.add("- `" + BundleFiles.RDF + "`: all of this for programs (BioImage Model Zoo, format "
                + RdfWriter.FORMAT_VERSION + ")");
        paragraph("`attunet predict MODEL image -o mask` segments an image; `attunet info MODEL --verify` checks every"
                + " file and reruns the test.");
    }

    private void provenance() {
        Publication publication = content.publication();
        section("Provenance", "");
        if (!publication.authors().isEmpty()) {
            lines.add(publication.authors().stream()
                    .map(author -> escaped(author.name()))
                    .collect(Collectors.joining(", ", "- authors: ", "")));
        }
        lines.add("- licence: "
                + (publication.licence() == null
                        ? "none was named; until its makers name one, read it as " + Publication.UNNAMED_LICENCE
                                + ", the least that the format can grant"
                        : publication.licence()));
        lines.add("- version " + publication.version() + ", made " + publication.created());
        lines.add("- please cite: " + RdfWriter.PAPER + " (https://doi.org/" + RdfWriter.PAPER_DOI + ")");
    }

    private void section(String title, String text) {
        lines.addAll(List.of("", "## " + title, ""));
        if (!text.isEmpty()) {
            lines.add(text);
        }
    }

    private void paragraph(String text) {
        lines.addAll(List.of("", text));
    }

    private void table(String... head) {
        lines.add("");
        row(head);
        lines.add("|" + "---|".repeat(head.length));
    }

    private void row(String... cells) {
        lines.add("| " + String.join(" | ", cells) + " |");
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, "%.4f", value);
    }

    /** Escapes Markdown; line ends become spaces. */
    private static String escaped(String text) {
        return text.replaceAll("\\s+", " ").replaceAll("([\\\\`*_\\[\\]<>|#])", "\\\\$1");
    }
}
