package org.attunet.predict;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.attunet.bundle.ModelDescription;
import org.attunet.image.Image;
import org.attunet.image.LabelSet;
import org.attunet.io.GeoJson;
import org.attunet.io.ImageCase;
import org.attunet.io.Images;
import org.attunet.io.SeriesResult;
import org.attunet.io.WholeFile;
import org.jspecify.annotations.Nullable;

/**
 * The output files of one segmentation, in the mask's folder and named after the mask: {@code STEM_probabilities.nii.gz}
 * with one channel for each output, of pictures {@code .tif} with one page for each; {@code STEM_overlay.png}; {@code STEM_attention_GATE.nii.gz} for each gate, or {@code .png} for pictures with 0
 * as black and 1 as white (numbered if the gate has several maps); {@code STEM_entropy} and {@code
 * STEM_mutual_information} likewise; {@code LABEL/STEM.nii.gz} with the mask of each of labels that may overlap; {@code STEM.geojson} with the objects' outlines. If the mask is a DICOM file ({@code
 * .dcm}), so are the others.
 *
 * @param mask the mask's file, whose suffix determines the format
 * @param options the forms of results
 */
public record ResultFiles(Path mask, ResultOptions options) {
    /** The suffix of DICOM files, lower case, with its dot. */
    static final String DICOM = ".dcm";

    private static final String PNG = ".png";

    private static final Pattern BESIDE = Pattern.compile(
            "overlay|probabilities|entropy.*|mutual_information.*|attention_.*|rtstruct|labelmap|sc|sr");

    /**
     * The files without outlines.
     *
     * @param mask the mask's file
     */
    public ResultFiles(Path mask) {
        this(mask, ResultOptions.DEFAULT);
    }

    /**
     * {@return the files for an image in a folder: the mask is named after the image, in a lossless format of the same
     * kind}
     *
     * @param folder the folder for the masks
     * @param image the image's files
     */
    public static ResultFiles in(Path folder, ImageCase image) {
        return in(folder, image, ResultOptions.DEFAULT);
    }

    /**
     * {@return the same in chosen forms}
     *
     * @param folder the folder for the masks
     * @param image the image's files
     * @param options the forms
     */
    public static ResultFiles in(Path folder, ImageCase image, ResultOptions options) {
        Path file = image.files().get(0);
        String suffix;
        if (image.isSeries() && !options.objects() && !options.series().contains(SeriesResult.Kind.NIFTI)) {
            suffix = DICOM;
        } else if (Images.isNifti(file) || image.isSeries()) {
            suffix = ".nii.gz";
        } else {
            suffix = Images.suffix(file).startsWith(".tif") ? ".tif" : ".png";
        }
        return new ResultFiles(folder.resolve(image.id() + suffix), options);
    }

    private boolean isDicom() {
        return Images.suffix(mask).equals(DICOM);
    }

    /**
     * Writes the parts of a segmentation and returns the files. The mask is last: if it exists, nothing is missing.
     *
     * @param result the segmentation
     * @param image what was segmented
     * @param model what segmented it
     * @return the written files, the mask last
     */
    public List<Path> write(Segmentation result, ImageCase image, ModelDescription model) {
        List<Path> written = new ArrayList<>();
        if (options.overlays()) {
            Path file = beside("_overlay" + PNG);
            Images.write(Images.of(Overlays.of(result.labels(), image, model)), file);
            written.add(file);
        }
        written.addAll(image.isSeries() ? writeSeries(result, image, model) : write(result));
        return written;
    }

    private List<Path> writeSeries(Segmentation result, ImageCase image, ModelDescription model) {
        Set<SeriesResult.Kind> kinds = EnumSet.noneOf(SeriesResult.Kind.class);
        kinds.addAll(options.series());
        boolean nifti = kinds.remove(SeriesResult.Kind.NIFTI);
        if (!isDicom() && !nifti) { // the mask's name asks for another form in place of a segmentation
            kinds.removeAll(EnumSet.of(SeriesResult.Kind.SEG, SeriesResult.Kind.LABELMAP));
        } else if (isDicom() && !kinds.contains(SeriesResult.Kind.LABELMAP)) {
            kinds.add(SeriesResult.Kind.SEG);
        }
        List<Path> written = new ArrayList<>();
        if (isDicom() && nifti) {
            Path file = beside(".nii.gz");
            Images.write(result.labelSet().inClassOrder(result.labels()), file);
            written.add(file);
        }
        if (!kinds.isEmpty()) {
            if (isDicom()) {
                writeOutlines(result, written);
            }
            written.addAll(image.series().write(seriesResult(result, model, kinds), isDicom() ? mask : beside(DICOM)));
        }
        if (!isDicom()) {
            written.addAll(write(result));
        }
        return written;
    }

    private SeriesResult seriesResult(Segmentation result, ModelDescription model, Set<SeriesResult.Kind> kinds) {
        Map<String, Image> maps = new LinkedHashMap<>();
        if (isDicom()) {
            result.attention().forEach((gate, map) -> maps.put(attentionName(gate), map));
            put(maps, "entropy", result.entropy());
            put(maps, "mutual_information", result.mutualInformation());
        }
        return new SeriesResult(
                result.labels(),
                result.labelSet(),
                model.name(),
                Objects.requireNonNullElseGet(options.codes(), model::codes),
                isDicom() ? result.probabilities() : null,
                maps,
                kinds);
    }

    private static void put(Map<String, Image> maps, String name, @Nullable Image map) {
        if (map != null) {
            maps.put(name, map);
        }
    }

    /**
     * Writes the parts of a segmentation of files that aren't DICOM and returns the files. The mask is last.
     *
     * @param result the segmentation
     * @return the written files, the mask last
     */
    public List<Path> write(Segmentation result) {
        List<Path> written = new ArrayList<>();
        writeMaps(result, written);
        writeOutlines(result, written);
        writeRegions(result, written);
        Images.write(result.labelSet().inClassOrder(result.labels()), mask);
        written.add(mask);
        return written;
    }

    /** Writes the mask of each of labels that may overlap into a folder of the label's name beside the mask. */
    private void writeRegions(Segmentation result, List<Path> written) {
        regionFiles(result.labelSet()).forEach((value, file) -> {
            WholeFile.makeFolder(Objects.requireNonNull(file.getParent()));
            Images.write(result.labelSet().maskOf(result.labels(), value), file);
            written.add(file);
        });
    }

    /**
     * {@return the files with the mask of each of labels that may overlap, by the labels' values; empty for others}
     *
     * @param labels of the model
     */
    public Map<Integer, Path> regionFiles(LabelSet labels) {
        Map<Integer, Path> files = new LinkedHashMap<>();
        Set<String> taken = new TreeSet<>(String.CASE_INSENSITIVE_ORDER); // as some file systems have it
        for (LabelSet.Region region : labels.regions()) {
            String name = region.name().replaceAll("[^\\p{L}\\p{N} _+-]", "_").strip();
            if (name.isEmpty() || !taken.add(name)) {
                name = (name + " label " + region.value()).strip();
                taken.add(name);
            }
            files.put(region.value(), mask.resolveSibling(name).resolve(Objects.toString(mask.getFileName())));
        }
        return files;
    }

    /** Writes what the segmentation has besides the mask. */
    void writeMaps(Segmentation result, List<Path> written) {
        Image probabilities = result.probabilities();
        if (probabilities != null) {
            boolean picture = !Images.isNifti(mask) && probabilities.grid().dimension() == 2;
            Path file = beside("_probabilities" + (picture ? ".tif" : ".nii.gz"));
            if (picture) {
                Images.writePages(probabilities, file);
            } else {
                Images.write(probabilities, file);
            }
            written.add(file);
        }
        for (Map.Entry<String, Image> gate : result.attention().entrySet()) {
            writeMaps(attentionName(gate.getKey()), gate.getValue(), written);
        }
        writeMaps("entropy", result.entropy(), written);
        writeMaps("mutual_information", result.mutualInformation(), written);
    }

    private void writeOutlines(Segmentation result, List<Path> written) {
        if (options.outlines()) {
            Path file = beside(GeoJson.SUFFIX);
            GeoJson.write(result.labels(), result.labelSet(), file);
            written.add(file);
        }
    }

    /** Writes maps with values from 0 to 1 in the mask's kind of format. */
    private void writeMaps(String name, @Nullable Image maps, List<Path> written) {
        if (maps == null) {
            return;
        }
        if (Images.isNifti(mask) || maps.grid().dimension() == 3) {
            Path file = beside("_" + name + ".nii.gz");
            Images.write(maps, file);
            written.add(file);
            return;
        }
        int count = maps.channels().length;
        for (int channel = 0; channel < count; channel++) {
            float[] grey = maps.channel(channel).clone();
            for (int i = 0; i < grey.length; i++) {
                grey[i] *= 255;
            }
            Path file = beside("_" + name + (count == 1 ? "" : "_" + (channel + 1)) + ".png");
            Images.write(Image.of(maps.grid(), grey), file);
            written.add(file);
        }
    }

    /** Whether a file lies and is named as one that may be written beside the mask. */
    boolean isBeside(Path file) {
        String start = Images.stem(mask);
        String stem = Images.stem(file);
        boolean named = stem.equals(start)
                ? options.objects() || options.series().contains(SeriesResult.Kind.NIFTI)
                : stem.startsWith(start + "_")
                        && BESIDE.matcher(stem.substring(start.length() + 1)).matches();
        List<String> suffixes = List.of(Images.suffix(mask), DICOM, ".nii.gz", PNG, ".tif");
        return named && suffixes.contains(Images.suffix(file)) && Objects.equals(file.getParent(), mask.getParent());
    }

    /**
     * {@return the tables, outlines, selections and pictures beside the mask that exist and weren't written with it} They are
     * of an earlier prediction, with other options, and may not fit the mask.
     *
     * @param written the files that were written
     */
    List<Path> leftover(List<Path> written) {
        return Stream.of(ObjectResultFiles.TABLE, GeoJson.SUFFIX, ObjectResultFiles.ROIS, "_overlay" + PNG)
                .map(this::beside)
                .filter(file -> !written.contains(file) && Files.exists(file))
                .toList();
    }

    /** The file of the same folder that is named after the mask and ends so. */
    Path beside(String ending) {
        return mask.resolveSibling(Images.stem(mask) + ending);
    }

    /**
     * {@return the name of the file with a gate's attention, without suffix: {@code attention_GATE} in letters safe for
     * files}
     *
     * @param gate the name of the gate
     */
    public static String attentionName(String gate) {
        return "attention_" + gate.replaceAll("[^A-Za-z0-9._-]", "-");
    }
}
