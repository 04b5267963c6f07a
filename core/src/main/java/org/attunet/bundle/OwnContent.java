package org.attunet.bundle;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads a bundle of attunet back into what {@link BundleWriter} takes, so that it can be written again with a change. */
final class OwnContent {
    private final Bundle bundle;
    private final BundleFiles files;
    private final RdfNode rdf;

    private OwnContent(Bundle bundle, BundleFiles files) {
        this.bundle = bundle;
        this.files = files;
        this.rdf = RdfNode.parse(files.path(BundleFiles.RDF), files.read(BundleFiles.RDF, RdfNode.MAX_BYTES, null));
    }

    static BundleContent read(Bundle bundle, BundleFiles files) {
        OwnContent content = new OwnContent(bundle, files);
        return new BundleContent(
                bundle.model(),
                content.weights(),
                bundle.test().orElseThrow(),
                bundle.settings(),
                bundle.profile().orElse(null),
                bundle.card(),
                content.publication());
    }

    private BundleContent.Weights weights() {
        BundleContent.Quantised int8 = bundle.has(Precision.INT8)
                ? new BundleContent.Quantised(
                        bundle.onnx(Precision.INT8),
                        bundle.test(Precision.INT8).map(TestCase::output).orElse(null))
                : null;
        return new BundleContent.Weights(
                bundle.onnx(Precision.FP32), int8, bundle.weights().orElse(null));
    }

    private Publication publication() {
        List<Author> authors = rdf.get("authors").items().stream()
                .map(author -> new Author(
                        author.get("name").text(),
                        optional(author, "affiliation"),
                        optional(author, "orcid"),
                        optional(author, "github_user")))
                .toList();
        return new Publication(
                bundle.description(),
                authors,
                bundle.licence().isEmpty() ? null : bundle.licence(),
                bundle.version(),
                Instant.parse(rdf.get("timestamp").text()),
                files.has(BundleFiles.COVER) ? files.read(BundleFiles.COVER, RdfNode.MAX_BYTES * 4, null) : null);
    }

    private static @Nullable String optional(RdfNode node, String field) {
        return node.get(field).present() ? node.get(field).text() : null;
    }
}
