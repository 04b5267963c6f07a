package org.attunet.dicom.result;

/** How a segmentation holds its voxels (PS3.3, C.8.20.2). */
public enum SegmentationType {
    /** One bit for each voxel and segment. */
    BINARY,
    /** A share of 1 for each voxel and segment. */
    FRACTIONAL,
    /** One number for each voxel: its segment. */
    LABELMAP
}
