package org.attunet.dataset;

import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListSet;
import org.attunet.annotation.ObjectCases;
import org.attunet.error.AttunetException;
import org.attunet.image.LabelMap;
import org.attunet.image.LabelSet;
import org.attunet.io.ImageCase;
import org.attunet.io.Images;
import org.attunet.io.Json;
import org.attunet.io.PixelSize;
import org.jspecify.annotations.Nullable;

/**
 * Opens folders as data sets. Folders of any names can be given ({@link DataFolders}); two layouts are known:
 *
 * <ul>
 *   <li>{@code images/} beside {@code masks/} or {@code labels/} (or, if only one folder of each kind is there, {@code
 *       image}, {@code img}, {@code imgs} beside {@code mask}, {@code label}, {@code gt}), matched by stem, 2D or 3D; the labels are those that
 *       {@code dataset.json} declares or, without one, those that the masks hold;
 *   <li>{@code imagesTr/} beside {@code labelsTr/}, with {@code dataset.json} as the Medical Segmentation Decathlon or
 *       nnU-Net write it (channels as {@code _0000}); {@code imagesTs/} is listed as unlabelled.
 * </ul>
 */
public final class DataSets {
    private static final int MOST_CHANNELS = 10_000; // four digits

    private DataSets() {}

    /** Opens the data set in a folder without reporting progress. */
    public static DataSet open(Path root) {
        return open(DataFolders.of(root));
    }

    /** Opens a data set without reporting progress. */
    public static DataSet open(DataFolders folders) {
        return open(folders, null, LabelMap.NONE, ProgressListener.NONE);
    }

    /**
     * Opens a data set: lists it, compares the grids in the headers of images and masks, and reads every mask.
     *
     * @param pixelSize of images whose files have none; null if unknown
     * @param ignored the value of the masks' voxels without a judgement; {@link LabelMap#NONE} for that of {@code
     *     dataset.json}, if it declares one
     * @param progress counts the masks that are read
     * @throws AttunetException if no layout is recognised, no image has a mask, a channel is missing or lies on another
     *     grid, a mask lies elsewhere than its image or isn't a label map, all masks are empty, 2D and 3D are mixed, or
     *     the value without a judgement is that of a label
     */
    public static DataSet open(
            DataFolders folders, @Nullable PixelSize pixelSize, int ignored, ProgressListener progress) {
        Path root = folders.root();
        if (!Files.isDirectory(root)) {
            throw new AttunetException(
                    root,
                    Files.exists(root) ? "it is not a folder" : "there is nothing",
                    "a folder with images/ and masks/, or imagesTr/ and labelsTr/",
                    "give the data set's folder");
        }
        DatasetJson json = DatasetJson.in(root);
        int unjudged = IgnoredValue.of(ignored, json);
        if (folders.objects() || json == null || json.labels() == null) {
            Optional<ObjectCases> objects = folders.objectCases();
            if (objects.isPresent()) {
                return ObjectDataSet.of(folders, json, objects.get(), pixelSize, unjudged, progress);
            }
            if (folders.objects()) {
                throw new AttunetException(
                        root,
                        "no images with objects that are told apart",
                        "label images whose values number objects, a folder of masks for each image, or outlines of COCO,"
                                + " QuPath or ImageJ",
                        "name the folders with --images DIR --masks DIR, or leave out --objects");
            }
        }
        if (json != null && !json.training().isEmpty() && folders.areTrainingParts()) {
            return finish(folders, json, listed(root, json).sized(pixelSize).ignoring(unjudged), null, progress);
        }
        DataFolders.Pair pair = folders.pair();
        List<Path> images = Images.listWithSeries(pair.images());
        List<Path> masks = Images.listWithSeries(pair.masks());
        LabelSet declared = json == null ? null : json.labels();
        boolean one = pair.images().equals(pair.masks()) || (declared != null && declared.hasRegions());
        LabelFiles apart = one ? null : LabelFiles.in(names(images), pair.masks(), masks, declared);
        if (apart != null && unjudged == Mask.UNDECLARED) {
            throw new AttunetException(
                    root,
                    "each label has mask files of its own, and --ignore undeclared is given",
                    "masks whose values dataset.json declares",
                    "name the value of voxels without a judgement: --ignore VALUE");
        }
        CaseMatcher matched = CaseMatcher.match(
                pair.images(),
                images,
                pair.masks(),
                masks,
                json == null ? 0 : json.channelNames().size(),
                apart == null ? Map.of() : apart.masks());
        return finish(folders, json, matched.sized(pixelSize).ignoring(unjudged), apart, progress);
    }

    /** The names of images by those of their files, with and without a channel's number. */
    private static Set<String> names(List<Path> images) {
        Set<String> names = new HashSet<>();
        for (Path image : images) {
            names.add(CaseMatcher.name(image));
            names.add(CaseMatcher.name(image).replaceFirst("_\\d{4}$", ""));
        }
        return names;
    }

    /**
     * Matches images with masks by name, as {@link #open} does for the folders of a data set, from listings alone: no file
     * is opened.
     *
     * @param imageFolder named in failures, as is the folder of the masks
     * @throws AttunetException if no image has a mask, a name is not unique or a channel is missing
     */
    public static List<Case> match(Path imageFolder, List<Path> images, Path maskFolder, List<Path> masks) {
        return CaseMatcher.match(imageFolder, images, maskFolder, masks, 0).cases();
    }

    /**
     * The masks in a folder by the names of their images, as {@link #open} matches them: without a suffix such as {@code
     * _mask}, in Unicode's composed form, several files of one image together.
     *
     * @throws AttunetException if there is none or a name is not unique
     */
    public static Map<String, Mask> masksByImage(Path folder) {
        return masksByImage(folder, Images.listWithSeries(folder));
    }

    /** The same from a listing: no file is opened. */
    public static Map<String, Mask> masksByImage(Path folder, List<Path> files) {
        return CaseMatcher.masks(folder, files);
    }

    /**
     * The labels that a {@code dataset.json} in a folder of masks or in the folder above it declares; null if there is no
     * such file or it declares none.
     */
    public static @Nullable LabelSet declaredLabels(Path masks) {
        DatasetJson json = descriptionOf(masks);
        return json == null ? null : json.labels();
    }

    /**
     * The value of voxels without a judgement in a folder of masks.
     *
     * @param given {@link LabelMap#NONE} for the one that the same {@code dataset.json} declares, if there is one
     * @throws AttunetException if it is declared as a label, or another value is declared
     */
    public static int ignored(Path masks, int given) {
        return IgnoredValue.of(given, descriptionOf(masks));
    }

    private static @Nullable DatasetJson descriptionOf(Path masks) {
        DatasetJson json = DatasetJson.in(masks);
        Path above = masks.toAbsolutePath().normalize().getParent();
        return json == null && above != null ? DatasetJson.in(above) : json;
    }

    /**
     * The value of voxels without a judgement to open a data set with if none is given: a model's, unless the set's {@code
     * dataset.json} says what its values are.
     *
     * @param ofModel that of the masks that a model was trained on, or {@link LabelMap#NONE}
     */
    public static int usualIgnored(DataFolders folders, int ofModel) {
        if (ofModel == Mask.UNDECLARED) {
            return ofModel;
        }
        DatasetJson json = DatasetJson.in(folders.root());
        boolean known = json != null
                && (json.ignored() != LabelMap.NONE
                        || (json.labels() != null && json.labels().parts().classOf(ofModel) > 0));
        return known ? LabelMap.NONE : ofModel;
    }

    /** The cases of a training list; entries whose files are missing are left out with a note. */
    private static CaseMatcher listed(Path root, DatasetJson json) {
        var cases = new TreeMap<String, Case>();
        List<String> missing = new ArrayList<>();
        for (DatasetJson.Entry entry : json.training()) {
            Path mask = resolved(json, root, entry.mask());
            List<Path> images = images(json, root, entry);
            if (images.isEmpty() || !Files.isRegularFile(mask)) {
                missing.add(images.isEmpty() ? entry.images().get(0) : entry.mask());
                continue;
            }
            String id = Images.stem(mask);
            if (cases.put(id, new Case(new ImageCase(id, images), mask)) != null) {
                throw new AttunetException(
                        json.file(), "the case " + id + " is listed twice", "each case once", "remove one of them");
            }
        }
        if (cases.isEmpty()) {
            throw new AttunetException(
                    json.file(),
                    "none of the files that it lists exists (" + CaseMatcher.some(missing) + ")",
                    "paths relative to " + root,
                    "correct the training list or remove it");
        }
        ImageCase.requireSameChannels(cases.values().stream().map(Case::image).toList());
        List<String> notes = missing.isEmpty()
                ? List.of()
                : List.of(missing.size() + " listed cases left out, their files are missing: "
                        + CaseMatcher.some(missing));
        return new CaseMatcher(List.copyOf(cases.values()), notes);
    }

    private static Path resolved(DatasetJson json, Path root, String name) {
        try {
            return root.resolve(name).normalize();
        } catch (InvalidPathException e) {
            throw new AttunetException(
                    json.file().toString(),
                    "it lists the path \"" + name.replaceAll("\\p{Cntrl}", "?") + "\"",
                    "a path",
                    "correct the training list",
                    e);
        }
    }

    /** The files of an entry; empty if they are missing. */
    private static List<Path> images(DatasetJson json, Path root, DatasetJson.Entry entry) {
        List<Path> files =
                entry.images().stream().map(name -> resolved(json, root, name)).toList();
        if (files.stream().allMatch(Files::isRegularFile)) {
            return files;
        }
        // nnU-Net 1 lists a.nii.gz for the channel files a_0000.nii.gz, a_0001.nii.gz, ...
        Path listed = files.get(0);
        String stem = Images.stem(listed);
        String ending = listed.getFileName().toString().substring(stem.length());
        List<Path> channels = new ArrayList<>();
        for (int k = 0; k < MOST_CHANNELS; k++) {
            Path file = listed.resolveSibling(String.format(Locale.ROOT, "%s_%04d%s", stem, k, ending));
            if (!Files.isRegularFile(file)) {
                break;
            }
            channels.add(file);
        }
        return channels;
    }

    /** @param apart labels that have files of their own; null if a mask holds all */
    private static DataSet finish(
            DataFolders folders,
            @Nullable DatasetJson json,
            CaseMatcher matched,
            @Nullable LabelFiles apart,
            ProgressListener progress) {
        Path root = folders.root();
        List<Case> cases = matched.cases();
        HeaderCheck headers = HeaderCheck.of(cases);
        LabelSet declared = json == null ? null : json.labels();
        List<MaskOfCase> files = cases.stream()
                .flatMap(one -> one.mask().files().stream().map(file -> new MaskOfCase(file, one.firstFile())))
                .toList();
        int ignored = cases.get(0).mask().ignored();
        Set<String> maskNotes = new ConcurrentSkipListSet<>();
        FileFacts facts = FileFacts.of(root);
        boolean undeclared = ignored == Mask.UNDECLARED;
        int without = undeclared ? LabelMap.NONE : ignored;
        List<MaskValues> stored = Parallel.map(
                files.size(),
                progress,
                i -> KeptMask.read(files.get(i).file, files.get(i).image, declared, without, maskNotes::add, facts));
        List<MaskValues> masks = undeclared && declared != null
                ? stored.stream().map(mask -> mask.declared(declared.parts())).toList()
                : stored;
        LabelSurvey survey = apart == null
                ? LabelSurvey.of(root, masks, declared)
                : LabelSurvey.ofOverlapping(root, masks, apart.labels());
        List<String> notes = new ArrayList<>(matched.notes());
        notes.addAll(apart == null ? List.of() : apart.notes());
        notes.addAll(headers.notes());
        notes.addAll(survey.notes());
        if (undeclared && declared == null) {
            notes.add(
                    "no dataset.json declares labels, so all values of the masks are labels; --ignore undeclared ignores"
                            + " only those that a trained model doesn't know");
        } else {
            notes.addAll(
                    undeclared
                            ? IgnoredValue.undeclaredNotes(
                                    stored, survey.labels().parts())
                            : List.of());
            notes.addAll(IgnoredValue.notes(masks, ignored));
        }
        notes.addAll(maskNotes);
        Path unlabelled = root.resolve("imagesTs");
        boolean unlabelledApart = folders.images() == null
                && Files.isDirectory(root.resolve("imagesTr"))
                && Files.isDirectory(unlabelled);
        int channelFiles = cases.get(0).image().files().size();
        return dataSet(
                folders,
                json,
                headers,
                survey.labels(),
                cases,
                unlabelledApart ? ImageCase.group(Images.listWithSeries(unlabelled), channelFiles) : List.of(),
                notes,
                facts);
    }

    /** The set with the names of its channels, for which some images are read. */
    static DataSet dataSet(
            DataFolders folders,
            @Nullable DatasetJson json,
            HeaderCheck headers,
            LabelSet labels,
            List<Case> cases,
            List<ImageCase> unlabelled,
            List<String> notes,
            FileFacts facts) {
        List<String> all = new ArrayList<>(notes);
        List<String> channelNames = HeaderCheck.channelNames(cases, json, facts, all::add);
        facts.save();
        return new DataSet(
                folders,
                name(folders.root(), json),
                headers.dimension(),
                channelNames,
                labels,
                cases,
                unlabelled,
                all,
                json == null ? Json.object() : json.codes());
    }

    private record MaskOfCase(Path file, Path image) {}

    /** The declared name, else the folder's. */
    private static String name(Path root, @Nullable DatasetJson json) {
        String name = json == null ? null : json.name();
        return name == null || name.isBlank() ? folderName(root) : name;
    }

    private static String folderName(Path root) {
        return Objects.toString(root.toAbsolutePath().normalize().getFileName(), "data");
    }

    /**
     * Reads every case in full and throws the first failure: the check before a training that takes hours.
     *
     * @throws AttunetException for an unreadable file, differing sizes or an undeclared label
     */
    public static void verify(DataSet data, ProgressListener progress) {
        Parallel.map(data.cases().size(), progress, i -> {
            data.cases().get(i).read(data.labels());
            return i;
        });
    }
}
