/** What is found in a series, as DICOM objects beside it: written with references to its images, and read back. */
package org.attunet.dicom.result;
