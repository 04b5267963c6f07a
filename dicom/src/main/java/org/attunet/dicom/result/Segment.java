package org.attunet.dicom.result;

/**
 * A segment of a segmentation that was read.
 *
 * @param number in the file; 0 may be the background of a {@link SegmentationType#LABELMAP}
 * @param name its label for people
 * @param category what kind of thing it is
 * @param type what it is
 */
public record Segment(int number, String name, Code category, Code type) {
    /** Such as {@code segment 2 (Liver)}. */
    String described() {
        return NamedStructures.described("segment", number, name);
    }
}
