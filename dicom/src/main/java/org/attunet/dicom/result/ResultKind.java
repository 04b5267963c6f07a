package org.attunet.dicom.result;

/** The kinds of objects that hold results, by PS3.4, B.5. */
enum ResultKind {
    SEGMENTATION("1.2.840.10008.5.1.4.1.1.66.4", "SEG", "Segmentation", 0),
    LABEL_MAP_SEGMENTATION("1.2.840.10008.5.1.4.1.1.66.7", "SEG", "Segmentation", 0),
    STRUCTURE_SET("1.2.840.10008.5.1.4.1.1.481.3", "RTSTRUCT", "Contours", 1),
    REPORT("1.2.840.10008.5.1.4.1.1.88.34", "SR", "Volumes", 2),
    PARAMETRIC_MAP("1.2.840.10008.5.1.4.1.1.30", "OT", "Map", 3),
    PICTURES("1.2.840.10008.5.1.4.1.1.7.4", "OT", "Pictures", 4);

    private final String classUid;
    private final String modality;
    private final String title;
    private final int digit;

    ResultKind(String classUid, String modality, String title, int digit) {
        this.classUid = classUid;
        this.modality = modality;
        this.title = title;
        this.digit = digit;
    }

    String classUid() {
        return classUid;
    }

    String modality() {
        return modality;
    }

    /** What a series of such objects is called. */
    String title() {
        return title;
    }

    /** The last digit of such series' numbers. */
    int digit() {
        return digit;
    }
}
