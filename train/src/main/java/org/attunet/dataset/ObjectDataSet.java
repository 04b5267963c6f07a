package org.attunet.dataset;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.attunet.annotation.AnnotatedObjects;
import org.attunet.annotation.LabelImage;
import org.attunet.annotation.ObjectCases;
import org.attunet.error.AttunetException;
import org.attunet.image.LabelMap;
import org.attunet.io.PixelSize;
import org.jspecify.annotations.Nullable;

/** Opens data sets that tell objects apart. */
final class ObjectDataSet {
    private ObjectDataSet() {}

    /**
     * Opens images with their objects, and reads all of these.
     *
     * @param pixelSize of images whose files have none; null if unknown
     * @param ignored the value of voxels without a judgement in label images; {@link LabelMap#NONE} for none
     * @param progress counts the images whose objects are read
     * @throws AttunetException if a file is damaged or doesn't fit, no image has an object, or a value is to be ignored that
     *     the layout doesn't have
     */
    static DataSet of(
            DataFolders folders,
            @Nullable DatasetJson json,
            ObjectCases found,
            @Nullable PixelSize pixelSize,
            int ignored,
            ProgressListener progress) {
        boolean numbered = found.cases().stream().allMatch(one -> one.source() instanceof LabelImage);
        if (ignored != LabelMap.NONE && (ignored == Mask.UNDECLARED || !numbered)) {
            throw new AttunetException(
                    folders.root(),
                    "its objects are given as " + found.layout().text() + ", and --ignore is given",
                    "a value of label images that is no object",
                    "leave out --ignore");
        }
        List<Case> cases = found.cases().stream()
                .map(one -> new Case(
                        one.image().withPixelSize(pixelSize),
                        Mask.of(one.source()).ignoring(ignored)))
                .toList();
        HeaderCheck headers = HeaderCheck.of(cases);
        Set<String> readings = new ConcurrentSkipListSet<>();
        Set<String> kinds = new ConcurrentSkipListSet<>();
        var white = new AtomicInteger();
        Set<String> blank = new ConcurrentSkipListSet<>();
        var voxels = new AtomicLong();
        var unjudged = new AtomicLong();
        List<Integer> counts = Parallel.map(cases.size(), progress, i -> {
            Case one = cases.get(i);
            AnnotatedObjects read =
                    one.mask().readObjects(one.firstFile(), one.image().readGrid());
            read.notes().forEach(note -> readings.add(one.id() + ": " + note));
            kinds.addAll(read.classes().values());
            if (numbered && ignored == LabelMap.NONE && IgnoredValue.looksUnjudged(read.objects())) {
                white.incrementAndGet();
            }
            int all = read.objects().numbers().length;
            voxels.addAndGet(all);
            unjudged.addAndGet(read.unjudged().cardinality());
            if (read.unjudged().cardinality() == all) {
                blank.add(Objects.toString(one.mask().firstFile().getFileName()));
            }
            return read.objects().largest();
        });
        if (counts.stream().allMatch(count -> count == 0)) {
            throw new AttunetException(
                    folders.root(),
                    "no object in " + cases.size() + " images",
                    "an object in one image or more",
                    "check how the objects were exported");
        }
        List<String> notes = new ArrayList<>(found.notes());
        notes.addAll(headers.notes());
        notes.addAll(readings);
        notes.addAll(IgnoredValue.unjudgedObjects(white.get()));
        if (ignored != LabelMap.NONE) {
            notes.addAll(IgnoredValue.notes(
                    voxels.get() - unjudged.get(), unjudged.get(), List.copyOf(blank), cases.size(), ignored));
        }
        if (kinds.size() > 1) {
            notes.add("the objects are of " + kinds.size() + " kinds, which are learnt as one: "
                    + CaseMatcher.some(List.copyOf(kinds)));
        }
        return DataSets.dataSet(
                folders, json, headers, Mask.OBJECT_LABELS, cases, List.of(), notes, FileFacts.of(folders.root()));
    }
}
