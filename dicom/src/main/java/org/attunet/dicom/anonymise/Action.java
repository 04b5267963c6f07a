package org.attunet.dicom.anonymise;

/** What is done to an element. */
enum Action {
    REMOVE,
    /** Leave it without a value or items. */
    EMPTY,
    /** Put another value of its representation in the place of its value. */
    DUMMY,
    /** Put the new identifiers in the place of its identifiers. */
    IDENTIFIER,
    /** Shift its dates. */
    SHIFT,
    /** Keep its text without strings that are known to identify anybody of this run. */
    CLEAN,
    /** Keep it without strings that are known to identify the patient. */
    KEEP
}
