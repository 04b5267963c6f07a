/** De-identification of DICOM data sets and files. */
@org.jspecify.annotations.NullMarked
package org.attunet.dicom.anonymise;
