package org.attunet.dicom.anonymise;

/**
 * What de-identification keeps beyond the basic profile: options of PS3.15, E.3.
 *
 * @param shiftedDates dates, shifted by a number of days that is the same for all of a patient's, and times
 * @param descriptors descriptions and comments, without the strings that are known to identify
 * @param characteristics the patient's sex, age (90 at most), size, weight and the like
 */
public record Retention(boolean shiftedDates, boolean descriptors, boolean characteristics) {
    /** Nothing. */
    public static final Retention NONE = new Retention(false, false, false);
}
