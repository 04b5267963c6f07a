package org.attunet.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.attunet.dicom.result.Algorithm;
import org.attunet.dicom.result.Codes;
import org.attunet.dicom.result.SegmentationWriter;
import org.attunet.dicom.series.Series;
import org.attunet.dicom.series.SeriesWriter;
import org.attunet.error.AttunetException;
import org.attunet.image.LabelMap;
import org.attunet.image.LabelSet;
import org.attunet.image.Lattice;
import org.attunet.io.Images;

/** The way from volumes to DICOM, as {@code attunet convert} goes it. */
final class ConvertToDicom {
    private ConvertToDicom() {}

    /** Writes a volume as a series, into a folder without other files. */
    static ObjectNode series(Path volume, Path folder, String modality) {
        if (Files.exists(folder)) {
            try (Stream<Path> files = Files.list(folder)) {
                if (files.findAny().isPresent()) {
                    throw new AttunetException(
                            folder, "it holds files already", "an empty or new folder", "choose another with -o");
                }
            } catch (IOException e) {
                throw new AttunetException(
                        folder.toString(), "it can't be read (" + e + ")", "a folder", "choose another with -o", e);
            }
        }
        List<Path> files = SeriesWriter.write(folder, Images.read(volume), modality);
        return JsonNodeFactory.instance
                .objectNode()
                .put("output", folder.toString())
                .put("modality", modality)
                .put("files", files.size());
    }

    /**
     * Writes a mask as a segmentation of a series.
     *
     * @param names the labels by their values; others are called by their values
     */
    static ObjectNode segmentation(Path mask, Path file, Series series, Map<Integer, String> names) {
        LabelMap read = Images.readLabels(mask);
        LabelMap labels = Lattice.turn(read.grid(), series.grid())
                .map(turn -> new LabelMap(series.grid(), turn.apply(read).voxels()))
                .orElse(read); // refused when it is written
        Map<Integer, String> all = new TreeMap<>(names);
        labels.values().forEach(value -> all.putIfAbsent(value, "label " + value));
        if (all.isEmpty()) {
            throw new AttunetException(
                    mask, "it has no label, and none is named", "labels", "name the labels by --labels 1=liver");
        }
        SegmentationWriter.write(file, series, labels, Codes.defaults().of(LabelSet.of(all)), Algorithm.NONE);
        ObjectNode json = JsonNodeFactory.instance
                .objectNode()
                .put("output", file.toString())
                .put("series", series.number());
        all.forEach((value, name) -> json.withObject("/labels").put(Integer.toString(value), name));
        return json;
    }
}
