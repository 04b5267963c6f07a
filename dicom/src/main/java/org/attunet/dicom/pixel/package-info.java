/** Encoded frames to stored values: native, run-length, JPEG, JPEG-LS. */
package org.attunet.dicom.pixel;
