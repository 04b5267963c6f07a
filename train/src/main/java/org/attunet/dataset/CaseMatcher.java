package org.attunet.dataset;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.attunet.error.AttunetException;
import org.attunet.io.Images;
import org.jspecify.annotations.Nullable;

/**
 * Images matched with masks by the stems of their file names.
 *
 * @param cases sorted by id
 * @param notes sentences about images and masks that stand alone
 */
record CaseMatcher(List<Case> cases, List<String> notes) {
    private static final Pattern CHANNEL = Pattern.compile("(.+)_(\\d{4})");
    private static final Pattern MASK_SUFFIX = Pattern.compile(
            "(.+?)[_\\-. ](mask|masks|seg|segmentation|label|labels|gt|annotation)", Pattern.CASE_INSENSITIVE);
    private static final Pattern IMAGE_SUFFIX = Pattern.compile("(.+?)[_\\-. ](image|img)", Pattern.CASE_INSENSITIVE);

    /**
     * Matches two folders. A mask belongs to the image of the same stem, or of its stem without a suffix such as
     * {@code _mask}. Where every image is named {@code ID_0000}, {@code ID_0001}, … those are the channels of ID.
     *
     * @throws AttunetException where no image has a mask, or a name is not unique
     */
    static CaseMatcher match(Path imageFolder, Path maskFolder) {
        return match(imageFolder, imageFiles(imageFolder), maskFolder, imageFiles(maskFolder));
    }

    /**
     * The same for folders that are listed already, wherever they are.
     *
     * @param imageFiles in the image folder, in any order
     * @param maskFiles in the mask folder, in any order
     */
    static CaseMatcher match(Path imageFolder, List<Path> imageFiles, Path maskFolder, List<Path> maskFiles) {
        Map<String, Path> images = stems(imageFolder, imageFiles);
        Map<String, Path> masks = stems(maskFolder, maskFiles);
        if (images.isEmpty() || masks.isEmpty()) {
            Path empty = images.isEmpty() ? imageFolder : maskFolder;
            throw new AttunetException(
                    empty, "no image file", "PNG, JPEG, TIFF, BMP or NIfTI files", "put the files there");
        }
        Map<String, Path> maskOfKey = keys(masks);
        Map<String, List<Path>> groups = channels(images);
        if (groups == null || images.keySet().stream().anyMatch(maskOfKey::containsKey)) {
            groups = alone(images);
        }
        List<Case> cases = new ArrayList<>();
        List<String> bare = new ArrayList<>();
        var used = new TreeMap<Path, String>();
        groups.forEach((id, files) -> {
            Path mask = maskOfKey.get(id);
            Matcher suffix = IMAGE_SUFFIX.matcher(id);
            if (mask == null && suffix.matches()) {
                mask = maskOfKey.get(suffix.group(1));
            }
            if (mask == null) {
                bare.add(files.get(0).getFileName().toString());
            } else {
                used.put(mask, id);
                cases.add(new Case(id, files, mask));
            }
        });
        List<String> lonely = masks.values().stream()
                .filter(m -> !used.containsKey(m))
                .map(m -> m.getFileName().toString())
                .toList();
        if (cases.isEmpty()) {
            throw new AttunetException(
                    imageFolder,
                    "none of the images (" + some(bare) + ") has a mask in " + maskFolder.getFileName() + "/ ("
                            + some(lonely) + ")",
                    "masks with the stems of their images, such as a.png and a_mask.png",
                    "rename the masks");
        }
        checkChannels(cases);
        return new CaseMatcher(cases, alone(imageFolder, bare, maskFolder, lonely));
    }

    private static void checkChannels(List<Case> cases) {
        Case most = cases.get(0);
        for (Case c : cases) {
            most = c.images().size() > most.images().size() ? c : most;
        }
        for (Case c : cases) {
            if (c.images().size() != most.images().size()) {
                throw new AttunetException(
                        c.images().get(0),
                        "the case " + c.id() + " has channel files 0 to "
                                + (c.images().size() - 1),
                        "0 to " + (most.images().size() - 1) + " as the case " + most.id() + " has",
                        "add the missing channel or remove the case");
            }
        }
    }

    /** Sentences for images without mask and masks without image. */
    static List<String> alone(Path imageFolder, List<String> bare, Path maskFolder, List<String> lonely) {
        List<String> notes = new ArrayList<>();
        if (!bare.isEmpty()) {
            notes.add(bare.size() + (bare.size() == 1 ? " image" : " images") + " in " + imageFolder.getFileName()
                    + "/ without a mask left out: " + some(bare));
        }
        if (!lonely.isEmpty()) {
            notes.add(lonely.size() + (lonely.size() == 1 ? " mask" : " masks") + " in " + maskFolder.getFileName()
                    + "/ without an image left out: " + some(lonely));
        }
        return notes;
    }

    /** The first three names and the number of the others. */
    static String some(List<String> names) {
        String first = String.join(", ", names.subList(0, Math.min(3, names.size())));
        return names.size() > 3 ? first + " and " + (names.size() - 3) + " more" : first;
    }

    /** The image files directly in a folder by their stem, sorted; hidden files are left out. */
    static TreeMap<String, Path> stems(Path folder) {
        return stems(folder, imageFiles(folder));
    }

    private static TreeMap<String, Path> stems(Path folder, List<Path> files) {
        var stems = new TreeMap<String, Path>();
        for (Path file : files) {
            Path before = stems.put(Images.stem(file), file);
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

    /** The image files directly in a folder, sorted by name; hidden files are left out. */
    static List<Path> imageFiles(Path folder) {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> !file.getFileName().toString().startsWith("."))
                    .filter(file -> Images.isImage(file) && Files.isRegularFile(file))
                    .sorted()
                    .toList();
        } catch (IOException | java.io.UncheckedIOException e) {
            throw new AttunetException(
                    folder.toString(),
                    "it cannot be listed (" + e.getMessage() + ")",
                    "a readable folder",
                    "check its permissions",
                    e);
        }
    }

    /** Files by id where every one is named {@code ID_0000}, {@code ID_0001}, … without a gap; else null. */
    static @Nullable Map<String, List<Path>> channels(Map<String, Path> stems) {
        Map<String, List<Path>> groups = new TreeMap<>();
        for (Map.Entry<String, Path> entry : new TreeMap<>(stems).entrySet()) {
            Matcher name = CHANNEL.matcher(entry.getKey());
            if (!name.matches()) {
                return null;
            }
            List<Path> files = groups.computeIfAbsent(name.group(1), id -> new ArrayList<>());
            if (Integer.parseInt(name.group(2)) != files.size()) {
                return null;
            }
            files.add(entry.getValue());
        }
        return groups;
    }

    /** Each file as an image of its own. */
    static Map<String, List<Path>> alone(Map<String, Path> stems) {
        Map<String, List<Path>> groups = new TreeMap<>();
        stems.forEach((stem, file) -> groups.put(stem, List.of(file)));
        return groups;
    }

    private static Map<String, Path> keys(Map<String, Path> masks) {
        var keys = new TreeMap<String, Path>();
        masks.forEach((stem, file) -> {
            Matcher suffix = MASK_SUFFIX.matcher(stem);
            if (suffix.matches() && !masks.containsKey(suffix.group(1))) {
                Path before = keys.put(suffix.group(1), file);
                if (before != null) {
                    throw new AttunetException(
                            file,
                            "it and " + before.getFileName() + " are masks of one image",
                            "one mask for each image",
                            "merge them into one label map or remove one");
                }
            }
        });
        keys.putAll(masks);
        return keys;
    }
}
