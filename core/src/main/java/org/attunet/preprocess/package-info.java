/** From an image file's grid and intensities to the network's, and back: orientation, resampling, normalisation. */
package org.attunet.preprocess;
