package org.attunet.annotation;

import java.nio.file.Path;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.attunet.error.AttunetException;
import org.attunet.io.ChannelGroup;
import org.attunet.io.ImageCase;
import org.attunet.io.Images;
import org.attunet.io.WholeNumbers;
import org.jspecify.annotations.Nullable;

/**
 * Images matched with files of objects by their names: {@code x.png} with what is named {@code x}, {@code x.png}, {@code
 * x_masks}, {@code x_cp_masks}, {@code x_rois}, {@code RoiSet_x} and the like, also if the image is named {@code x_img}.
 */
final class AnnotationMatcher {
    private static final Pattern AFFIXES = Pattern.compile(
            "(?:roiset[_\\-. ])?(.+?)(?:[_\\-. ](?:cp_masks?|masks?|seg|segmentation|labels?|gt|annotations?|rois?|roiset"
                    + "|objects?|instances?)(?:[_\\-. ]?\\d{1,4})?)?",
            Pattern.CASE_INSENSITIVE);
    private static final Pattern IMAGE_SUFFIX =
            Pattern.compile("(.+?)(?:[_\\-. ](?:image|img)|\\.ome)", Pattern.CASE_INSENSITIVE);

    private final Path imageFolder;
    private final Path folder;
    private final List<Path> images;

    /**
     * Lists the images.
     *
     * @param imageFolder their folder
     * @param folder the annotations' folder, which may be the same
     */
    AnnotationMatcher(Path imageFolder, Path folder) {
        this.imageFolder = imageFolder;
        this.folder = folder;
        this.images = Images.listWithSeries(imageFolder);
    }

    private interface Reading {
        ObjectSource of(List<Path> files);
    }

    /** The cases whose objects are in label images, or in several masks of one object each. */
    Optional<ObjectCases> labelImages() {
        boolean beside = imageFolder.equals(folder);
        Set<String> stems = images.stream().map(AnnotationMatcher::name).collect(Collectors.toSet());
        List<Path> masks = ObjectFiles.listed(folder, WholeNumbers::isReadable).stream()
                .filter(file -> !beside || isMask(name(file), stems))
                .toList();
        ObjectCases found = match(
                ObjectLayout.LABEL_IMAGES,
                beside ? images.stream().filter(file -> !masks.contains(file)).toList() : images,
                masks,
                files -> files.size() == 1 ? new LabelImage(files.get(0)) : new MaskFiles(files));
        return Optional.ofNullable(found);
    }

    /** Whether a file beside images is the mask of another one. */
    private static boolean isMask(String name, Set<String> images) {
        String base = base(name);
        return !base.equals(name)
                && (images.contains(base) || images.contains(base + "_img") || images.contains(base + "_image"));
    }

    /** The cases whose objects are in files or folders of one image each; empty if no name matches. */
    Optional<ObjectCases> match(ObjectLayout layout, List<Path> annotations, Function<Path, ObjectSource> source) {
        return Optional.ofNullable(match(layout, images, annotations, files -> {
            if (files.size() > 1) {
                throw new AttunetException(
                        files.get(1),
                        "it and " + files.get(0).getFileName() + " are objects of one image",
                        layout.text() + " in one place for each image",
                        "remove or rename one of them");
            }
            return source.apply(files.get(0));
        }));
    }

    private @Nullable ObjectCases match(ObjectLayout layout, List<Path> pictures, List<Path> files, Reading reading) {
        Set<String> stems = pictures.stream().map(AnnotationMatcher::name).collect(Collectors.toSet());
        Map<String, List<Path>> named = new HashMap<>();
        for (Path file : files) {
            String name = name(file);
            named.computeIfAbsent(stems.contains(name) ? name : base(name), key -> new ArrayList<>())
                    .add(file);
        }
        Map<String, ObjectCase> cases = new TreeMap<>();
        List<String> without = new ArrayList<>();
        Set<Path> used = new HashSet<>();
        for (ChannelGroup<Path> group : ChannelGroup.forMasks(pictures, 0, id -> key(id, named) != null)) {
            Path first = group.files().get(0);
            String key = key(group.id(), named);
            key = key == null ? key(String.valueOf(first.getFileName()), named) : key;
            List<Path> own = key == null ? null : named.get(key);
            if (own == null) {
                without.add(String.valueOf(first.getFileName()));
                continue;
            }
            used.addAll(own);
            ObjectCase before =
                    cases.put(group.id(), new ObjectCase(new ImageCase(group.id(), group.files()), reading.of(own)));
            if (before != null) {
                throw new AttunetException(
                        imageFolder,
                        "both " + before.firstFile().getFileName() + " and " + first.getFileName(),
                        "one file for each stem",
                        "remove or rename one of them");
            }
        }
        if (cases.isEmpty()) {
            return null;
        }
        ImageCase.requireSameChannels(
                cases.values().stream().map(ObjectCase::image).toList());
        List<String> notes = new ArrayList<>();
        note(without, "image", imageFolder, "objects", notes);
        note(
                files.stream()
                        .filter(file -> !used.contains(file))
                        .map(file -> String.valueOf(file.getFileName()))
                        .toList(),
                "annotation",
                folder,
                "an image",
                notes);
        return new ObjectCases(layout, List.copyOf(cases.values()), notes);
    }

    /** The name under which the annotations of an image are listed; null if there are none. */
    private static @Nullable String key(String image, Map<String, ?> named) {
        String id = Normalizer.normalize(image, Normalizer.Form.NFC);
        Matcher suffix = IMAGE_SUFFIX.matcher(id);
        return named.containsKey(id)
                ? id
                : suffix.matches() && named.containsKey(suffix.group(1)) ? suffix.group(1) : null;
    }

    /** A name without what says that it is an annotation. */
    private static String base(String name) {
        Matcher affixes = AFFIXES.matcher(name);
        return affixes.matches() ? affixes.group(1) : name;
    }

    /** A file's stem in Unicode's composed form: macOS writes accents as characters of their own. */
    private static String name(Path file) {
        return Normalizer.normalize(Images.stem(file), Normalizer.Form.NFC);
    }

    static void note(List<String> names, String kind, Path folder, String missing, List<String> notes) {
        if (!names.isEmpty()) {
            String first = String.join(", ", names.subList(0, Math.min(3, names.size())));
            notes.add(ObjectDrawing.counted(names.size(), kind) + " in " + folder.getFileName() + " without " + missing
                    + " left out: " + first + (names.size() > 3 ? " and " + (names.size() - 3) + " more" : ""));
        }
    }
}
