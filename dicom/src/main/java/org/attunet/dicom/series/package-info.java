/** Files to volumes: which slices belong together, and where they lie. */
package org.attunet.dicom.series;
