/** Preprocessing of images for a network and its inversion: orientation, normalisation, resampling. */
package org.attunet.preprocess;
