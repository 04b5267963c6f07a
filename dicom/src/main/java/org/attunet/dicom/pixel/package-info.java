/** The pixel data of DICOM files: coded frames to samples. */
package org.attunet.dicom.pixel;
