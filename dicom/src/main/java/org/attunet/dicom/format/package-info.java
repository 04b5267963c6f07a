/** DICOM as a format of images: series wherever attunet reads an image's file, and results in DICOM. */
package org.attunet.dicom.format;
