package org.attunet.dataset;

import java.nio.file.Path;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.attunet.error.AttunetException;
import org.attunet.io.ChannelGroup;
import org.attunet.io.ImageCase;
import org.attunet.io.Images;
import org.attunet.io.PixelSize;
import org.jspecify.annotations.Nullable;

/**
 * Images matched with masks by the stems of their file names.
 *
 * @param cases sorted by id
 * @param notes sentences about images without a mask and masks without an image
 */
record CaseMatcher(List<Case> cases, List<String> notes) {
    /** What a mask's name may say after its image's, in lower case. */
    static final Set<String> MASK_WORDS =
            Set.of("mask", "masks", "seg", "segmentation", "label", "labels", "gt", "annotation");

    private static final Pattern MASK_SUFFIX = Pattern.compile(
            "(.+?)[_\\-. ](?:" + String.join("|", MASK_WORDS) + ")(?:[_\\-. ]?(\\d{1,3}))?", Pattern.CASE_INSENSITIVE);
    private static final Pattern IMAGE_SUFFIX = Pattern.compile("(.+?)[_\\-. ](image|img)", Pattern.CASE_INSENSITIVE);

    /** The same with a pixel size for images whose files have none. */
    CaseMatcher sized(@Nullable PixelSize size) {
        return new CaseMatcher(
                cases.stream()
                        .map(one -> new Case(one.image().withPixelSize(size), one.mask()))
                        .toList(),
                notes);
    }

    /** The same with a value of voxels without a judgement. */
    CaseMatcher ignoring(int value) {
        return new CaseMatcher(
                cases.stream()
                        .map(one -> new Case(one.image(), one.mask().ignoring(value)))
                        .toList(),
                notes);
    }

    /**
     * Matches listed files. A mask belongs to the image of the same stem, or of its stem without a suffix such as {@code
     * _mask}; to several images if they are its channels by {@link ChannelGroup#forMasks}.
     *
     * @param imageFiles in the image folder, in any order; need not exist
     * @param maskFiles in the mask folder, in any order; need not exist
     * @param channels the number of channels that the data set declares; 0 if it declares none
     * @throws AttunetException if no image has a mask, a stem is not unique or a channel is missing
     */
    static CaseMatcher match(
            Path imageFolder, List<Path> imageFiles, Path maskFolder, List<Path> maskFiles, int channels) {
        return match(imageFolder, imageFiles, maskFolder, maskFiles, channels, Map.of());
    }

    /**
     * The same where the masks of images are known.
     *
     * @param known masks by the names of their images; empty to find them
     */
    static CaseMatcher match(
            Path imageFolder,
            List<Path> imageFiles,
            Path maskFolder,
            List<Path> maskFiles,
            int channels,
            Map<String, Mask> known) {
        Map<String, Path> images = byStem(imageFolder, imageFiles);
        Map<String, Path> masks = byStem(maskFolder, maskFiles);
        if (known.isEmpty() && imageFolder.equals(maskFolder) && masks.equals(images)) {
            masks.keySet().removeIf(stem -> imageOf(stem, images.keySet()) == null);
            images.keySet().removeAll(masks.keySet());
        }
        if (images.isEmpty() || (masks.isEmpty() && known.isEmpty())) {
            throw Images.noneIn(images.isEmpty() ? imageFolder : maskFolder);
        }
        Map<String, Mask> maskOfKey = known.isEmpty() ? grouped(masks, images.keySet()) : known;
        Map<String, Case> cases = new TreeMap<>();
        List<String> unmasked = new ArrayList<>();
        Set<Path> used = new HashSet<>();
        List<ChannelGroup<Path>> groups =
                ChannelGroup.forMasks(List.copyOf(images.values()), channels, id -> maskOf(id, maskOfKey) != null);
        for (ChannelGroup<Path> group : groups) {
            Mask mask = maskOf(group.id(), maskOfKey);
            if (mask == null) {
                unmasked.add(group.files().get(0).getFileName().toString());
            } else {
                used.addAll(mask.files());
                cases.put(group.id(), new Case(new ImageCase(group.id(), group.files()), mask));
            }
        }
        List<String> unused = masks.values().stream()
                .filter(mask -> !used.contains(mask))
                .map(mask -> mask.getFileName().toString())
                .toList();
        if (cases.isEmpty()) {
            throw new AttunetException(
                    imageFolder,
                    "none of the images (" + some(unmasked) + ") has a mask in " + maskFolder.getFileName() + "/ ("
                            + some(unused) + ")",
                    "masks with the stems of their images, such as a.png and a_mask.png",
                    "rename the masks");
        }
        ImageCase.requireSameChannels(cases.values().stream().map(Case::image).toList());
        List<String> notes = new ArrayList<>();
        note(unmasked, "image", imageFolder, "mask", notes);
        note(unused, "mask", maskFolder, "image", notes);
        Map<String, Mask> matched = new TreeMap<>();
        cases.forEach((id, one) -> matched.put(id, one.mask()));
        Mask.joinedNote(matched).ifPresent(notes::add);
        return new CaseMatcher(List.copyOf(cases.values()), notes);
    }

    private static void note(List<String> names, String kind, Path folder, String other, List<String> notes) {
        if (!names.isEmpty()) {
            notes.add(names.size() + " " + kind + (names.size() == 1 ? "" : "s") + " in " + folder.getFileName()
                    + "/ without " + (other.equals("image") ? "an " : "a ") + other + " left out: " + some(names));
        }
    }

    /** The first three names and the number of the others. */
    static String some(List<String> names) {
        String first = String.join(", ", names.subList(0, Math.min(3, names.size())));
        return names.size() > 3 ? first + " and " + (names.size() - 3) + " more" : first;
    }

    private static Map<String, Path> byStem(Path folder, List<Path> files) {
        var stems = new TreeMap<String, Path>();
        for (Path file : files) {
            Path before = stems.put(name(file), file);
            if (before != null) {
                throw new AttunetException(
                        folder,
                        "both " + before.getFileName() + " and " + file.getFileName(),
                        "one file for each stem",
                        "remove or rename one of them");
            }
        }
        return stems;
    }

    /** The masks of a folder by the names of their images. */
    static Map<String, Mask> masks(Path folder, List<Path> files) {
        if (files.isEmpty()) {
            throw new AttunetException(
                    folder, "no mask", "NIfTI, PNG, TIFF or BMP files", "give the folder that holds the masks");
        }
        return grouped(byStem(folder, files), Set.of());
    }

    /**
     * Masks by the names of their images: their stems without a suffix, unless an image or another mask has that stem.
     * Numbered masks of one image, {@code x_mask}, {@code x_mask_1}, …, are one.
     */
    private static Map<String, Mask> grouped(Map<String, Path> masks, Set<String> images) {
        Map<String, List<Path>> groups = new TreeMap<>();
        masks.forEach((stem, file) -> {
            Matcher suffix = MASK_SUFFIX.matcher(stem);
            boolean own = images.contains(stem) || !suffix.matches();
            String id = own || (masks.containsKey(suffix.group(1)) && suffix.group(2) == null) ? stem : suffix.group(1);
            List<Path> group = groups.computeIfAbsent(id, key -> new ArrayList<>());
            if (!group.isEmpty() && (own || suffix.group(2) == null) && !isNumbered(group.get(0))) {
                throw new AttunetException(
                        file,
                        "it and " + group.get(0).getFileName() + " are masks of one image",
                        "one mask for each image, or numbered ones such as x_mask.png and x_mask_1.png",
                        "merge them into one label map or remove one");
            }
            group.add(file);
        });
        Map<String, Mask> grouped = new TreeMap<>();
        groups.forEach((id, files) -> {
            // without images, numbers alone don't show that files such as brain_seg_001 belong together
            if (files.size() == 1 || !images.isEmpty() || files.stream().anyMatch(file -> !isNumbered(file))) {
                grouped.put(id, new Mask(files));
            } else {
                files.forEach(file -> grouped.put(name(file), new Mask(List.of(file))));
            }
        });
        return grouped;
    }

    /** The stem of a listed image whose mask a stem names by a suffix; null if it names none. */
    private static @Nullable String imageOf(String stem, Set<String> stems) {
        Matcher suffix = MASK_SUFFIX.matcher(stem);
        return suffix.matches() && stems.contains(suffix.group(1)) ? suffix.group(1) : null;
    }

    /** Whether files of one folder are images and, beside them, their masks with a suffix such as {@code _mask}. */
    static boolean holdsBoth(List<Path> files) {
        Set<String> stems = files.stream().map(CaseMatcher::name).collect(Collectors.toSet());
        return stems.stream().anyMatch(stem -> imageOf(stem, stems) != null);
    }

    private static boolean isNumbered(Path mask) {
        Matcher suffix = MASK_SUFFIX.matcher(name(mask));
        return suffix.matches() && suffix.group(2) != null;
    }

    /** A file's stem in Unicode's composed form: macOS writes accents as characters of their own. */
    static String name(Path file) {
        return Normalizer.normalize(Images.stem(file), Normalizer.Form.NFC);
    }

    private static @Nullable Mask maskOf(String image, Map<String, Mask> masks) {
        String id = Normalizer.normalize(image, Normalizer.Form.NFC);
        Matcher suffix = IMAGE_SUFFIX.matcher(id);
        Mask mask = masks.get(id);
        return mask == null && suffix.matches() ? masks.get(suffix.group(1)) : mask;
    }
}
