/** DICOMweb: series are found on a server and fetched from it, and files stored there (PS3.18). */
package org.attunet.dicom.web;
