package org.attunet.dataset;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.attunet.error.AttunetException;
import org.attunet.image.LabelSet;
import org.attunet.io.Images;
import org.jspecify.annotations.Nullable;

/**
 * Finds out which cases a folder holds. Two layouts are known:
 *
 * <ul>
 *   <li>{@code images/} beside {@code masks/} or {@code labels/}, matched by stem, 2D or 3D; the labels are those that
 *       {@code dataset.json} declares or, without one, those that the masks hold;
 *   <li>{@code imagesTr/} beside {@code labelsTr/}, with {@code dataset.json} as the Medical Segmentation Decathlon or
 *       nnU-Net write it (channels as {@code _0000}); {@code imagesTs/} is listed as unlabelled.
 * </ul>
 */
public final class DataSets {
    private DataSets() {}

    /** Opens a data set without reporting progress. */
    public static DataSet open(Path root) {
        return open(root, ProgressListener.NONE);
    }

    /**
     * Opens a data set: lists it, compares the sizes in the headers of images and masks, and reads every mask where no
     * labels are declared.
     *
     * @param progress hears of the masks that are read
     * @throws AttunetException where no layout is recognised, no image has a mask, an image and its mask differ in size
     *     or 2D and 3D are mixed
     */
    public static DataSet open(Path root, ProgressListener progress) {
        if (!Files.isDirectory(root)) {
            throw new AttunetException(
                    root,
                    Files.exists(root) ? "it is not a folder" : "there is nothing",
                    "a folder with images/ and masks/, or imagesTr/ and labelsTr/",
                    "give the data set's folder");
        }
        Path nnImages = root.resolve("imagesTr");
        if (Files.isDirectory(nnImages) && Files.isDirectory(root.resolve("labelsTr"))) {
            DatasetJson json = DatasetJson.in(root);
            CaseMatcher pairs = json == null || json.training().isEmpty()
                    ? CaseMatcher.match(nnImages, root.resolve("labelsTr"))
                    : listed(root, json);
            return finish(root, json, pairs, unlabelled(root), progress);
        }
        for (String masks : List.of("masks", "labels")) {
            if (Files.isDirectory(root.resolve("images")) && Files.isDirectory(root.resolve(masks))) {
                CaseMatcher pairs = CaseMatcher.match(root.resolve("images"), root.resolve(masks));
                return finish(root, DatasetJson.in(root), pairs, List.of(), progress);
            }
        }
        throw new AttunetException(
                root,
                "neither images/ with masks/ (or labels/) nor imagesTr/ with labelsTr/",
                "one of these two layouts",
                "put the images into images/ and the masks of the same names into masks/");
    }

    /**
     * Matches images with masks by name, as {@link #open} does for the folders of a data set, from listings alone: no file
     * is looked at.
     *
     * @param imageFolder named in failures, as is the folder of the masks
     * @throws AttunetException where no image has a mask, or a name is not unique
     */
    public static List<Case> match(Path imageFolder, List<Path> images, Path maskFolder, List<Path> masks) {
        return CaseMatcher.match(imageFolder, images, maskFolder, masks).cases();
    }

    /**
     * The labels that a {@code dataset.json} in a folder of masks or in the folder above it declares; null where there is
     * no such file or it declares none.
     */
    public static @Nullable LabelSet declaredLabels(Path masks) {
        DatasetJson json = DatasetJson.in(masks);
        Path above = masks.toAbsolutePath().normalize().getParent();
        if (json == null && above != null) {
            json = DatasetJson.in(above);
        }
        return json == null ? null : json.labels();
    }

    /**
     * The images to predict: a file, the image files in a folder, or those of a data set's folder ({@code imagesTs/},
     * {@code images/} or {@code imagesTr/}, the first that exists); one scan for each file.
     */
    public static List<ChannelFiles> images(Path folderOrFile) {
        return images(folderOrFile, 1);
    }

    /**
     * The images to predict with a model of some channels. Files named {@code ID_0000}, {@code ID_0001}, … are the
     * channels of one image where there are as many of them as the model has channels.
     *
     * @param channels the model's channels, 1 or more
     * @return sorted by id, at least one
     * @throws AttunetException where there is no image
     */
    public static List<ChannelFiles> images(Path folderOrFile, int channels) {
        if (Files.isRegularFile(folderOrFile)) {
            return List.of(single(folderOrFile, channels));
        }
        if (!Files.isDirectory(folderOrFile)) {
            throw new AttunetException(
                    folderOrFile, "there is nothing", "an image file or a folder of them", "correct the path");
        }
        Path folder = folderOrFile;
        List<Path> files = CaseMatcher.imageFiles(folder);
        for (String part : List.of("imagesTs", "images", "imagesTr")) {
            if (files.isEmpty() && Files.isDirectory(folderOrFile.resolve(part))) {
                folder = folderOrFile.resolve(part);
                files = CaseMatcher.imageFiles(folder);
            }
        }
        if (files.isEmpty()) {
            throw new AttunetException(
                    folderOrFile, "no image file", "PNG, JPEG, TIFF, BMP or NIfTI files", "give a folder with images");
        }
        var stems = CaseMatcher.stems(folder);
        Map<String, List<Path>> groups = CaseMatcher.channels(stems);
        if (groups == null || groups.values().stream().anyMatch(g -> g.size() != channels)) {
            groups = CaseMatcher.alone(stems);
        }
        return scans(groups);
    }

    private static ChannelFiles single(Path file, int channels) {
        String stem = Images.stem(file);
        if (channels > 1 && stem.endsWith("_0000")) {
            String id = stem.substring(0, stem.length() - 5);
            List<Path> group = new ArrayList<>();
            for (int k = 0; k < channels; k++) {
                group.add(file.resolveSibling(String.format("%s_%04d%s", id, k, Images.suffix(file))));
            }
            if (group.stream().allMatch(Files::isRegularFile)) {
                return new ChannelFiles(id, group);
            }
        }
        return new ChannelFiles(stem, List.of(file));
    }

    private static List<ChannelFiles> scans(Map<String, List<Path>> groups) {
        return groups.entrySet().stream()
                .map(e -> new ChannelFiles(e.getKey(), e.getValue()))
                .toList();
    }

    private static List<ChannelFiles> unlabelled(Path root) {
        Path folder = root.resolve("imagesTs");
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        var stems = CaseMatcher.stems(folder);
        Map<String, List<Path>> groups = CaseMatcher.channels(stems);
        return scans(groups == null ? CaseMatcher.alone(stems) : groups);
    }

    /** The cases of a training list; entries whose files are missing are left out with a note. */
    private static CaseMatcher listed(Path root, DatasetJson json) {
        var cases = new TreeMap<String, Case>();
        List<String> missing = new ArrayList<>();
        for (DatasetJson.Entry entry : json.training()) {
            Path mask = root.resolve(entry.mask()).normalize();
            List<Path> images = images(root, entry);
            if (images == null || !Files.isRegularFile(mask)) {
                missing.add(images == null ? entry.images().get(0) : entry.mask());
                continue;
            }
            String id = Images.stem(mask);
            if (cases.put(id, new Case(id, images, mask)) != null) {
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
        List<String> notes = missing.isEmpty()
                ? List.of()
                : List.of(missing.size() + " listed cases left out, their files are missing: "
                        + CaseMatcher.some(missing));
        return new CaseMatcher(List.copyOf(cases.values()), notes);
    }

    private static @Nullable List<Path> images(Path root, DatasetJson.Entry entry) {
        List<Path> files = entry.images().stream()
                .map(name -> root.resolve(name).normalize())
                .toList();
        if (files.stream().allMatch(Files::isRegularFile)) {
            return files;
        }
        // nnU-Net 1 lists a.nii.gz for the channel files a_0000.nii.gz, a_0001.nii.gz, ...
        Path listed = files.get(0);
        List<Path> channels = new ArrayList<>();
        for (int k = 0; k < 10_000; k++) {
            Path file =
                    listed.resolveSibling(String.format("%s_%04d%s", Images.stem(listed), k, Images.suffix(listed)));
            if (!Files.isRegularFile(file)) {
                break;
            }
            channels.add(file);
        }
        return channels.isEmpty() ? null : channels;
    }

    private static DataSet finish(
            Path root,
            @Nullable DatasetJson json,
            CaseMatcher pairs,
            List<ChannelFiles> unlabelled,
            ProgressListener progress) {
        List<Case> cases = pairs.cases();
        HeaderCheck survey = HeaderCheck.of(cases);
        LabelSet labels = json == null ? null : json.labels();
        if (labels == null) {
            labels = HeaderCheck.labels(root, cases, progress);
        }
        List<String> notes = new ArrayList<>(pairs.notes());
        notes.addAll(survey.notes());
        String name = json == null ? null : json.name();
        return new DataSet(
                root,
                name == null || name.isBlank() ? folderName(root) : name,
                survey.dimension(),
                HeaderCheck.channelNames(cases, json),
                labels,
                cases,
                unlabelled,
                notes);
    }

    private static String folderName(Path root) {
        Path name = root.toAbsolutePath().normalize().getFileName();
        return Objects.toString(name, "data");
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
