/** DICOM files to data elements and encoded frames (PS3.5, PS3.10). */
package org.attunet.dicom.data;
