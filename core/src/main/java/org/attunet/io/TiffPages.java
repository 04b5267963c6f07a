package org.attunet.io;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.attunet.error.AttunetException;
import org.jspecify.annotations.Nullable;

/**
 * Which pages of a TIFF file make its image, and how.
 *
 * @param pages the pages of the image
 * @param samples how all of them store their samples
 * @param stack what their planes are; one page may hold all planes, one behind the other
 */
record TiffPages(List<TiffDirectory> pages, TiffSamples samples, StackDescription stack) {
    private static final int REDUCED = 1;
    private static final int MASK = 4;

    /**
     * Reads the descriptions of the pages.
     *
     * @throws AttunetException if the pages aren't one image of channels and slices, or are of a kind that isn't supported
     */
    static TiffPages of(Path file, List<TiffDirectory> directories) throws IOException {
        TiffDirectory first = directories.get(0);
        requireKnownKind(file, first, directories.size());
        TiffSamples samples = TiffSamples.of(file, first);
        String text = first.text(TiffTag.DESCRIPTION);
        List<TiffDirectory> pages = OmeDescription.isIn(text) ? directories : withoutReduced(directories);
        StackDescription stack;
        if (OmeDescription.isIn(text)) {
            stack = OmeDescription.read(file, text, pages.size(), samples);
        } else if (ImageJDescription.isIn(text)) {
            stack = ImageJDescription.read(file, text, pages.size(), samples, first);
        } else if (ShapedDescription.isIn(text)) {
            stack = ShapedDescription.read(file, text, samples);
        } else {
            stack = StackDescription.ofSlices(pages.size());
        }
        TiffPages all = new TiffPages(pages, samples, stack);
        all.requirePlanes(file);
        return all;
    }

    private static void requireKnownKind(Path file, TiffDirectory first, int pages) throws IOException {
        if (first.has(TiffTag.ZEISS_LSM)) {
            throw new AttunetException(
                    file, "it is a Zeiss LSM file", "TIFF", "save it as TIFF, for instance with Fiji (Bio-Formats)");
        }
        if (first.has(TiffTag.METAMORPH_PLANES)
                && first.bytes(TiffTag.METAMORPH_PLANES).remaining() / 8 > pages) {
            throw new AttunetException(
                    file, "it is a MetaMorph stack (STK)", "TIFF", "save it as TIFF, for instance with ImageJ");
        }
    }

    /** The pages without reduced copies and transparency masks, which viewers leave out. */
    private static List<TiffDirectory> withoutReduced(List<TiffDirectory> directories) throws IOException {
        List<TiffDirectory> pages = new ArrayList<>(directories.subList(0, 1));
        for (TiffDirectory directory : directories.subList(1, directories.size())) {
            if ((directory.number(TiffTag.SUBFILE_TYPE, 0) & (REDUCED | MASK)) == 0) {
                pages.add(directory);
            }
        }
        return pages;
    }

    private void requirePlanes(Path file) throws IOException {
        int planes = stack.planes().length;
        boolean ome = OmeDescription.isIn(pages.get(0).text(TiffTag.DESCRIPTION));
        if (planes != pages.size()
                && !ome
                && !(pages.size() == 1 && samples.compression() == TiffSamples.UNCOMPRESSED)) {
            throw StackDescription.contradiction(
                    file, "its description says " + planes + " planes, it has " + pages.size() + " pages");
        }
        if (ome && planes < pages.size()) {
            requireNoOtherPages(file);
        }
        for (int number : isOneDirectory() ? new int[1] : stack.planes()) {
            TiffSamples page = TiffSamples.of(file, pages.get(number));
            requireSame(file, number, page.size(), samples.size());
            requireSame(file, number, page.kind(), samples.kind());
            for (int tag : List.of(TiffTag.PLANAR, TiffTag.ORIENTATION)) {
                int expected = pages.get(0).number(tag, 1);
                requireSame(
                        file, number, pages.get(number).number(tag, 1) + " in tag " + tag, expected + " in tag " + tag);
            }
        }
        boolean coloured = samples.withoutAlpha(pages.get(0)).length > 1 || palette() != null;
        if (stack.channels() > 1 && coloured) {
            throw TiffSamples.unsupported(
                    file,
                    stack.channels() + " channels of pages in colour",
                    "channels of grey pages, or one page in colour");
        }
    }

    /** Refuses pages of the image's size that its OME-XML doesn't describe. */
    private void requireNoOtherPages(Path file) throws IOException {
        Set<Integer> described = Arrays.stream(stack.planes()).boxed().collect(Collectors.toSet());
        for (int number = 0; number < pages.size(); number++) {
            if (!described.contains(number)
                    && TiffSamples.of(file, pages.get(number)).size().equals(samples.size())) {
                String counts = described.size() + " planes, it has " + pages.size() + " pages";
                throw StackDescription.contradiction(file, "its OME-XML describes " + counts);
            }
        }
    }

    private static void requireSame(Path file, int page, String found, String expected) {
        if (!found.equals(expected)) {
            throw new AttunetException(
                    file,
                    "page " + (page + 1) + " has " + found,
                    "the first page's " + expected,
                    "save the slices alike, or the page that is meant as a file");
        }
    }

    /** Whether one directory stands for all planes. */
    boolean isOneDirectory() {
        return pages.size() == 1 && stack.planes().length > 1;
    }

    /** The page of a plane of the stack, numbered slice by slice. */
    TiffDirectory page(int plane) {
        return pages.get(isOneDirectory() ? 0 : stack.planes()[plane]);
    }

    /** The colours of the first page, unless they are a matter of display. */
    @Nullable
    Palette palette() throws IOException {
        return palette(pages.get(0));
    }

    /** The colours of a page, unless they are a matter of display. */
    @Nullable
    Palette palette(TiffDirectory page) throws IOException {
        if (samples.colours() != TiffSamples.PALETTE || stack.values().asStored()) {
            return null;
        }
        return Palette.of(page.numbers(TiffTag.COLOUR_MAP));
    }
}
