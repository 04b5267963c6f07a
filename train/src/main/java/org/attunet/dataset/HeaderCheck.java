package org.attunet.dataset;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.attunet.error.AttunetException;
import org.attunet.image.Grid;
import org.attunet.image.Image;
import org.attunet.io.ImageCase;
import org.attunet.io.Images;
import org.attunet.io.Placement;
import org.jspecify.annotations.Nullable;

/**
 * What the headers of all cases have in common.
 *
 * @param dimension 2 or 3
 * @param notes sentences about doubtful geometry
 */
record HeaderCheck(int dimension, List<String> notes) {

    private record Header(Grid image, Placement mask) {}

    /**
     * Reads every header.
     *
     * @throws AttunetException if the files of a case don't hold the same points, or 2D and 3D are mixed
     */
    static HeaderCheck of(List<Case> cases) {
        List<Header> headers = Parallel.map(cases.size(), ProgressListener.NONE, i -> {
            Grid grid = cases.get(i).image().readGrid();
            return new Header(grid, cases.get(i).placement(grid));
        });
        int dimension = headers.get(0).image.dimension();
        Map<Placement.Kind, List<String>> kinds = new EnumMap<>(Placement.Kind.class);
        for (int i = 0; i < cases.size(); i++) {
            Header read = headers.get(i);
            if (read.image.dimension() != dimension) {
                throw new AttunetException(
                        cases.get(i).firstFile(),
                        "it has " + read.image.dimension() + " dimensions",
                        dimension + " as in " + cases.get(0).firstFile(),
                        "keep 2D images and 3D volumes in separate data sets");
            }
            Mask mask = cases.get(i).mask();
            kinds.computeIfAbsent(read.mask.kind(), kind -> new ArrayList<>())
                    .add(
                            mask.hasObjects() // perhaps none, and then no file
                                    ? cases.get(i).id()
                                    : mask.firstFile().getFileName().toString());
        }
        List<String> notes = new ArrayList<>(
                SpacingCheck.notes(cases, headers.stream().map(Header::image).toList()));
        notes.addAll(notes(kinds, cases.size()));
        return new HeaderCheck(dimension, notes);
    }

    private static List<String> notes(Map<Placement.Kind, List<String>> kinds, int cases) {
        List<String> notes = new ArrayList<>();
        List<String> turned = kinds.get(Placement.Kind.TURNED);
        if (turned != null) {
            notes.add("the axes of image and mask have another order or direction in " + turned.size() + " of " + cases
                    + " cases; these masks are turned to their images: " + CaseMatcher.some(turned));
        }
        List<String> unplaced = kinds.get(Placement.Kind.UNPLACED);
        if (unplaced != null) {
            notes.add("only the image or only the mask has a position in the world in " + unplaced.size() + " of "
                    + cases + " cases; these masks are taken voxel for voxel: " + CaseMatcher.some(unplaced));
        }
        return notes;
    }

    /**
     * The channels' names: the declared ones if they fit the first image, else red, green, blue or channel numbers. Pictures
     * whose red, green and blue are equal have one channel.
     *
     * @param notes receives a sentence if so
     * @throws AttunetException if another number of channels is declared than the images have
     */
    static List<String> channelNames(
            List<Case> cases, @Nullable DatasetJson json, FileFacts facts, Consumer<String> notes) {
        int channels = 0;
        boolean grey = json == null || json.channelNames().isEmpty();
        // some sets mix grey and colour photographs: grey can be shown as colour, not the reverse
        int step = Math.max(1, cases.size() / 8);
        boolean photographs = Images.readGrid(cases.get(0).firstFile()).dimension() == 2;
        for (int i = 0; i < (photographs ? cases.size() : 1); i += step) {
            Image image = cases.get(i).image().read();
            channels = Math.max(channels, image.channels().length);
            grey = grey && image.isGrey();
        }
        if (json != null && !json.channelNames().isEmpty()) {
            if (json.channelNames().size() == channels) {
                return json.channelNames();
            }
            throw new AttunetException(
                    json.file(),
                    "it declares the channels " + String.join(", ", json.channelNames()),
                    channels + " as in " + cases.get(0).firstFile(),
                    "correct channel_names (or modality)");
        }
        if (channels == 3 && photographs) {
            if (!grey || !areGrey(cases, facts)) {
                return List.of("red", "green", "blue");
            }
            notes.accept("red, green and blue are equal in all images, which are taken as images of one channel");
            channels = 1;
        }
        return channels == 1
                ? List.of("intensity")
                : IntStream.range(0, channels).mapToObj(k -> "channel " + k).toList();
    }

    /** Whether no image has colours; reads them until one has. */
    private static boolean areGrey(List<Case> cases, FileFacts facts) {
        var coloured = new AtomicBoolean();
        Parallel.map(cases.size(), ProgressListener.NONE, i -> {
            if (!coloured.get() && !isGrey(cases.get(i).image(), facts)) {
                coloured.set(true);
            }
            return i;
        });
        return !coloured.get();
    }

    private static boolean isGrey(ImageCase image, FileFacts facts) {
        return (image.files().size() > 1 || image.isSeries())
                ? image.read().isGrey()
                : facts.of(
                        "grey",
                        image.files().get(0),
                        Boolean.class,
                        () -> image.read().isGrey(),
                        is -> true);
    }
}
