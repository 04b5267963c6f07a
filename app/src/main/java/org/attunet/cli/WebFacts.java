package org.attunet.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.attunet.dicom.web.DicomWeb;
import org.attunet.dicom.web.FoundSeries;
import org.attunet.dicom.web.WebAddress;
import org.attunet.error.AttunetException;
import org.attunet.io.Json;

/** What {@code attunet info} says of a study on a DICOMweb server: its series, without anything of the patient. */
final class WebFacts {
    private static final int MOST = 1000;

    private WebFacts() {}

    /** Asks the server. */
    static ObjectNode of(DicomWeb web, WebAddress address) {
        if (address.study() == null) {
            throw new AttunetException(
                    address.toString(), "it names no study", ".../studies/UID", "add the Study Instance UID");
        }
        List<FoundSeries> found = web.findSeries(
                address.study(),
                address.series() == null ? Map.of() : Map.of("SeriesInstanceUID", address.series()),
                MOST);
        ObjectNode facts = Json.object().put("kind", "DICOMweb study");
        ArrayNode list = facts.putArray("series");
        for (FoundSeries series : found) {
            list.addObject()
                    .put("address", address.of(series.studyUid(), series.uid()).toString())
                    .put("modality", series.modality())
                    .put("number", series.number())
                    .put("description", series.description())
                    .put("files", series.instances());
        }
        return facts;
    }

    /** The facts as lines, one for each series. */
    static String text(ObjectNode facts) {
        var lines = new StringBuilder();
        for (JsonNode series : facts.path("series")) {
            lines.append(String.format(
                    Locale.ROOT,
                    "series %d, %s, %s%n  %s%n",
                    series.path("number").asInt(),
                    series.path("modality").asText(),
                    files(series.path("files").asInt()),
                    series.path("address").asText()));
        }
        return lines.isEmpty() ? "no series" : lines.toString();
    }

    private static String files(int files) {
        return files == 0 ? "files not counted" : Wording.counted(files, "file");
    }
}
