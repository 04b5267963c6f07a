/** Commands for ImageJ and Fiji: segmentation of open images, and the agreement of masks. */
package org.attunet.imagej;
